-- Tables that belong to an organisation begin their key and every foreign key with org_id.
-- STRICT tables and the length checks refuse what MySQL in strict mode would refuse.

CREATE TABLE organization (
    id BLOB NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL CHECK (length(name) <= 64),
    created_at TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT organization_name UNIQUE (name)
) STRICT;

CREATE TABLE member (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    user_id BLOB NOT NULL CHECK (length(user_id) = 16),
    subject TEXT NOT NULL CHECK (length(subject) <= 190),
    display_name TEXT NULL CHECK (length(display_name) <= 190),
    role TEXT NOT NULL CHECK (length(role) <= 32),
    created_at TEXT NOT NULL,
    disabled_at TEXT NULL,
    PRIMARY KEY (org_id, user_id),
    CONSTRAINT member_subject UNIQUE (org_id, subject),
    CONSTRAINT member_organization FOREIGN KEY (org_id) REFERENCES organization (id)
) STRICT;
CREATE INDEX member_role ON member (role);

CREATE TABLE account (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    account_id INTEGER NOT NULL,
    name TEXT NOT NULL CHECK (length(name) <= 190),
    status TEXT NOT NULL CHECK (length(status) <= 32),
    external_id TEXT NOT NULL CHECK (length(external_id) <= 255),
    external_id_since TEXT NOT NULL,
    next_external_id TEXT NULL CHECK (length(next_external_id) <= 255),
    role_arn TEXT NULL CHECK (length(role_arn) <= 640),
    scheduler_role_arn TEXT NULL CHECK (length(scheduler_role_arn) <= 640),
    created_at TEXT NOT NULL,
    verified_at TEXT NULL,
    verification TEXT NULL,
    last_scan_at TEXT NULL,
    scan_lease_token BLOB NULL CHECK (length(scan_lease_token) = 16),
    scan_lease_until TEXT NULL,
    PRIMARY KEY (org_id, account_id),
    CONSTRAINT account_organization FOREIGN KEY (org_id) REFERENCES organization (id)
) STRICT;

CREATE TABLE account_grant (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    user_id BLOB NOT NULL CHECK (length(user_id) = 16),
    account_id INTEGER NOT NULL,
    PRIMARY KEY (org_id, user_id, account_id),
    CONSTRAINT account_grant_member FOREIGN KEY (org_id, user_id) REFERENCES member (org_id, user_id),
    CONSTRAINT account_grant_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_grant_account ON account_grant (org_id, account_id);

CREATE TABLE account_permission (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    account_id INTEGER NOT NULL,
    action TEXT NOT NULL CHECK (length(action) <= 128),
    status TEXT NOT NULL CHECK (length(status) <= 32),
    needed_by TEXT NOT NULL,
    since TEXT NOT NULL,
    PRIMARY KEY (org_id, account_id, action),
    CONSTRAINT account_permission_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE scan (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    scan_id BLOB NOT NULL CHECK (length(scan_id) = 16),
    account_id INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (length(status) <= 32),
    started_at TEXT NOT NULL,
    finished_at TEXT NULL,
    regions TEXT NOT NULL,
    gaps TEXT NULL,
    api_usage TEXT NULL,
    summary TEXT NULL,
    error TEXT NULL CHECK (length(error) <= 500),
    PRIMARY KEY (org_id, scan_id),
    CONSTRAINT scan_of_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT;
CREATE INDEX scan_account ON scan (org_id, account_id, scan_id);
CREATE INDEX scan_status ON scan (status);

-- No column here changes from scan to scan: an unchanged resource is not written again.
-- digest: 8 bytes over name and body, 8 bytes over the tags. resource_of_scope covers what a scan compares.
CREATE TABLE resource (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    account_id INTEGER NOT NULL,
    resource_key BLOB NOT NULL CHECK (length(resource_key) = 16),
    kind TEXT NOT NULL CHECK (length(kind) <= 64),
    region TEXT NOT NULL CHECK (length(region) <= 32),
    resource_id TEXT NOT NULL CHECK (length(resource_id) <= 255),
    name TEXT NULL CHECK (length(name) <= 256),
    body TEXT NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 16),
    first_seen TEXT NOT NULL,
    PRIMARY KEY (org_id, account_id, resource_key),
    CONSTRAINT resource_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT;
CREATE INDEX resource_of_key ON resource (org_id, resource_key);
CREATE INDEX resource_of_kind ON resource (org_id, kind, resource_key);
CREATE INDEX resource_of_scope ON resource (org_id, account_id, kind, region, resource_key, digest);

CREATE TABLE resource_tag (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    account_id INTEGER NOT NULL,
    resource_key BLOB NOT NULL CHECK (length(resource_key) = 16),
    tag_key TEXT NOT NULL CHECK (length(tag_key) <= 128),
    tag_value TEXT NOT NULL CHECK (length(tag_value) <= 256),
    PRIMARY KEY (org_id, account_id, resource_key, tag_key),
    CONSTRAINT resource_tag_resource FOREIGN KEY (org_id, account_id, resource_key) REFERENCES resource (org_id, account_id, resource_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX resource_tag_value ON resource_tag (org_id, tag_key, tag_value, resource_key);

-- Keyed by account first: a scan writes its account's rows next to each other, not all over the table.
-- last_seen is empty while the account's newest scan still sees it: then it is account.last_scan_at.
CREATE TABLE recommendation (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    recommendation_id BLOB NOT NULL CHECK (length(recommendation_id) = 16),
    account_id INTEGER NOT NULL,
    fingerprint TEXT NOT NULL CHECK (length(fingerprint) <= 64),
    rule TEXT NOT NULL CHECK (length(rule) <= 64),
    service TEXT NOT NULL CHECK (length(service) <= 32),
    region TEXT NOT NULL CHECK (length(region) <= 32),
    resource_key BLOB NOT NULL CHECK (length(resource_key) = 16),
    resource_id TEXT NOT NULL CHECK (length(resource_id) <= 255),
    status TEXT NOT NULL CHECK (length(status) <= 16),
    savings INTEGER NOT NULL,
    counted INTEGER NOT NULL,
    is_best INTEGER NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen TEXT NULL,
    decided_by BLOB NULL CHECK (length(decided_by) = 16),
    decided_at TEXT NULL,
    decision_note TEXT NULL CHECK (length(decision_note) <= 1000),
    decision_until TEXT NULL,
    body TEXT NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 16),
    PRIMARY KEY (org_id, account_id, recommendation_id),
    CONSTRAINT recommendation_of_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT;
CREATE INDEX recommendation_of_id ON recommendation (org_id, recommendation_id);
CREATE INDEX recommendation_of_resource ON recommendation (org_id, resource_key);
CREATE INDEX recommendation_savings ON recommendation (org_id, status, savings, recommendation_id);
CREATE INDEX recommendation_rule ON recommendation (org_id, status, rule, savings, recommendation_id);
CREATE INDEX recommendation_first_seen ON recommendation (org_id, status, first_seen, recommendation_id);
CREATE INDEX recommendation_resource ON recommendation (org_id, status, resource_id, recommendation_id);
CREATE INDEX recommendation_account ON recommendation (org_id, account_id, status, savings, recommendation_id);

-- Totals, kept in the transaction that changes what they count.
CREATE TABLE savings_rollup (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    account_id INTEGER NOT NULL,
    service TEXT NOT NULL CHECK (length(service) <= 32),
    status TEXT NOT NULL CHECK (length(status) <= 16),
    recommendations INTEGER NOT NULL,
    savings INTEGER NOT NULL,
    counted INTEGER NOT NULL,
    PRIMARY KEY (org_id, account_id, service, status),
    CONSTRAINT savings_rollup_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX savings_rollup_status ON savings_rollup (org_id, status, account_id);

CREATE TABLE daily_cost (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    account_id INTEGER NOT NULL,
    day TEXT NOT NULL,
    service TEXT NOT NULL CHECK (length(service) <= 190),
    amount INTEGER NOT NULL,
    PRIMARY KEY (org_id, account_id, day, service),
    CONSTRAINT daily_cost_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX daily_cost_day ON daily_cost (org_id, day);

-- List prices belong to nobody. per_unit is in nano-USD.
CREATE TABLE price (
    price_key TEXT NOT NULL CHECK (length(price_key) <= 190),
    per_unit INTEGER NOT NULL,
    source TEXT NOT NULL CHECK (length(source) <= 32),
    as_of TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    PRIMARY KEY (price_key)
) STRICT;

-- At most one row: slot is always 1.
CREATE TABLE setup_token (
    slot INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    created_at TEXT NOT NULL,
    used_at TEXT NULL,
    PRIMARY KEY (slot)
) STRICT;
