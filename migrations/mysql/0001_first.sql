-- Tables that belong to an organisation begin their key and every foreign key with org_id.
-- Documents are MEDIUMTEXT, not JSON: MySQL would reorder them, MariaDB would parse each on write.

CREATE TABLE organization (
    id BINARY(16) NOT NULL,
    name VARCHAR(64) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY organization_name (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE member (
    org_id BINARY(16) NOT NULL,
    user_id BINARY(16) NOT NULL,
    subject VARCHAR(190) NOT NULL,
    display_name VARCHAR(190) NULL,
    role VARCHAR(32) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    disabled_at DATETIME(6) NULL,
    PRIMARY KEY (org_id, user_id),
    UNIQUE KEY member_subject (org_id, subject),
    KEY member_role (role),
    CONSTRAINT member_organization FOREIGN KEY (org_id) REFERENCES organization (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE account (
    org_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    name VARCHAR(190) NOT NULL,
    status VARCHAR(32) NOT NULL,
    external_id VARCHAR(255) NOT NULL,
    external_id_since DATETIME(6) NOT NULL,
    next_external_id VARCHAR(255) NULL,
    role_arn VARCHAR(640) NULL,
    scheduler_role_arn VARCHAR(640) NULL,
    created_at DATETIME(6) NOT NULL,
    verified_at DATETIME(6) NULL,
    verification MEDIUMTEXT NULL,
    last_scan_at DATETIME(6) NULL,
    scan_lease_token BINARY(16) NULL,
    scan_lease_until DATETIME(6) NULL,
    PRIMARY KEY (org_id, account_id),
    CONSTRAINT account_organization FOREIGN KEY (org_id) REFERENCES organization (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE account_grant (
    org_id BINARY(16) NOT NULL,
    user_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    PRIMARY KEY (org_id, user_id, account_id),
    KEY account_grant_account (org_id, account_id),
    CONSTRAINT account_grant_member FOREIGN KEY (org_id, user_id) REFERENCES member (org_id, user_id),
    CONSTRAINT account_grant_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE account_permission (
    org_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    action VARCHAR(128) NOT NULL,
    status VARCHAR(32) NOT NULL,
    needed_by MEDIUMTEXT NOT NULL,
    since DATETIME(6) NOT NULL,
    PRIMARY KEY (org_id, account_id, action),
    CONSTRAINT account_permission_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE scan (
    org_id BINARY(16) NOT NULL,
    scan_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    status VARCHAR(32) NOT NULL,
    started_at DATETIME(6) NOT NULL,
    finished_at DATETIME(6) NULL,
    regions MEDIUMTEXT NOT NULL,
    gaps MEDIUMTEXT NULL,
    api_usage MEDIUMTEXT NULL,
    summary MEDIUMTEXT NULL,
    error VARCHAR(500) NULL,
    PRIMARY KEY (org_id, scan_id),
    KEY scan_account (org_id, account_id, scan_id),
    KEY scan_status (status),
    CONSTRAINT scan_of_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- No column here changes from scan to scan: an unchanged resource is not written again.
-- digest: 8 bytes over name and body, 8 bytes over the tags. resource_of_scope covers what a scan compares.
CREATE TABLE resource (
    org_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    resource_key BINARY(16) NOT NULL,
    kind VARCHAR(64) NOT NULL,
    region VARCHAR(32) NOT NULL,
    resource_id VARCHAR(255) NOT NULL,
    name VARCHAR(256) NULL,
    body MEDIUMTEXT NOT NULL,
    digest BINARY(16) NOT NULL,
    first_seen DATETIME(6) NOT NULL,
    PRIMARY KEY (org_id, account_id, resource_key),
    KEY resource_of_key (org_id, resource_key),
    KEY resource_of_kind (org_id, kind, resource_key),
    KEY resource_of_scope (org_id, account_id, kind, region, resource_key, digest),
    CONSTRAINT resource_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE resource_tag (
    org_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    resource_key BINARY(16) NOT NULL,
    tag_key VARCHAR(128) NOT NULL,
    tag_value VARCHAR(256) NOT NULL,
    PRIMARY KEY (org_id, account_id, resource_key, tag_key),
    KEY resource_tag_value (org_id, tag_key, tag_value, resource_key),
    CONSTRAINT resource_tag_resource FOREIGN KEY (org_id, account_id, resource_key) REFERENCES resource (org_id, account_id, resource_key)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Keyed by account first: a scan writes its account's rows next to each other, not all over the table.
-- last_seen is empty while the account's newest scan still sees it: then it is account.last_scan_at.
CREATE TABLE recommendation (
    org_id BINARY(16) NOT NULL,
    recommendation_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    fingerprint VARCHAR(64) NOT NULL,
    rule VARCHAR(64) NOT NULL,
    service VARCHAR(32) NOT NULL,
    region VARCHAR(32) NOT NULL,
    resource_key BINARY(16) NOT NULL,
    resource_id VARCHAR(255) NOT NULL,
    status VARCHAR(16) NOT NULL,
    savings BIGINT NOT NULL,
    counted BIGINT NOT NULL,
    is_best BOOLEAN NOT NULL,
    first_seen DATETIME(6) NOT NULL,
    last_seen DATETIME(6) NULL,
    decided_by BINARY(16) NULL,
    decided_at DATETIME(6) NULL,
    decision_note VARCHAR(1000) NULL,
    decision_until DATETIME(6) NULL,
    body MEDIUMTEXT NOT NULL,
    digest BINARY(16) NOT NULL,
    PRIMARY KEY (org_id, account_id, recommendation_id),
    KEY recommendation_of_id (org_id, recommendation_id),
    KEY recommendation_of_resource (org_id, resource_key),
    KEY recommendation_savings (org_id, status, savings, recommendation_id),
    KEY recommendation_rule (org_id, status, rule, savings, recommendation_id),
    KEY recommendation_first_seen (org_id, status, first_seen, recommendation_id),
    KEY recommendation_resource (org_id, status, resource_id, recommendation_id),
    KEY recommendation_account (org_id, account_id, status, savings, recommendation_id),
    CONSTRAINT recommendation_of_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Totals, kept in the transaction that changes what they count.
CREATE TABLE savings_rollup (
    org_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    service VARCHAR(32) NOT NULL,
    status VARCHAR(16) NOT NULL,
    recommendations BIGINT NOT NULL,
    savings BIGINT NOT NULL,
    counted BIGINT NOT NULL,
    PRIMARY KEY (org_id, account_id, service, status),
    KEY savings_rollup_status (org_id, status, account_id),
    CONSTRAINT savings_rollup_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE daily_cost (
    org_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    day DATE NOT NULL,
    service VARCHAR(190) NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (org_id, account_id, day, service),
    KEY daily_cost_day (org_id, day),
    CONSTRAINT daily_cost_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- List prices belong to nobody. per_unit is in nano-USD.
CREATE TABLE price (
    price_key VARCHAR(190) NOT NULL,
    per_unit BIGINT NOT NULL,
    source VARCHAR(32) NOT NULL,
    as_of DATE NOT NULL,
    fetched_at DATETIME(6) NOT NULL,
    PRIMARY KEY (price_key)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- At most one row: slot is always 1.
CREATE TABLE setup_token (
    slot BIGINT NOT NULL,
    hash BINARY(32) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    used_at DATETIME(6) NULL,
    PRIMARY KEY (slot)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
