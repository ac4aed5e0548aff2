-- changed_at is when its meaning changed last: an edit, the end of a suspension, an edited calendar.
CREATE TABLE schedule (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    schedule_id BLOB NOT NULL CHECK (length(schedule_id) = 16),
    name TEXT NOT NULL CHECK (length(name) <= 128),
    document TEXT NOT NULL,
    revision INTEGER NOT NULL,
    suspended_reason TEXT NULL CHECK (length(suspended_reason) <= 500),
    suspended_at TEXT NULL,
    changed_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    updated_by TEXT NOT NULL CHECK (length(updated_by) <= 190),
    PRIMARY KEY (org_id, schedule_id),
    CONSTRAINT schedule_name UNIQUE (org_id, name),
    CONSTRAINT schedule_organization FOREIGN KEY (org_id) REFERENCES organization (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE schedule_calendar (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    calendar_id BLOB NOT NULL CHECK (length(calendar_id) = 16),
    name TEXT NOT NULL CHECK (length(name) <= 128),
    document TEXT NOT NULL,
    revision INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    updated_by TEXT NOT NULL CHECK (length(updated_by) <= 190),
    PRIMARY KEY (org_id, calendar_id),
    CONSTRAINT schedule_calendar_name UNIQUE (org_id, name),
    CONSTRAINT schedule_calendar_organization FOREIGN KEY (org_id) REFERENCES organization (id)
) STRICT, WITHOUT ROWID;

-- Which resources without a tag of their own follow a schedule. Empty parts match all.
CREATE TABLE schedule_assignment (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    assignment_id BLOB NOT NULL CHECK (length(assignment_id) = 16),
    schedule_id BLOB NOT NULL CHECK (length(schedule_id) = 16),
    account_id INTEGER NOT NULL,
    region TEXT NULL CHECK (length(region) <= 32),
    tag_key TEXT NULL CHECK (length(tag_key) <= 128),
    tag_value TEXT NULL CHECK (length(tag_value) <= 256),
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL CHECK (length(created_by) <= 190),
    PRIMARY KEY (org_id, assignment_id),
    CONSTRAINT schedule_assignment_schedule FOREIGN KEY (org_id, schedule_id) REFERENCES schedule (org_id, schedule_id),
    CONSTRAINT schedule_assignment_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX schedule_assignment_schedule ON schedule_assignment (org_id, schedule_id, assignment_id);
CREATE INDEX schedule_assignment_of_account ON schedule_assignment (org_id, account_id);

-- Of a schedule, or of one resource: the other columns are empty then.
CREATE TABLE schedule_override (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    override_id BLOB NOT NULL CHECK (length(override_id) = 16),
    schedule_id BLOB NULL CHECK (length(schedule_id) = 16),
    account_id INTEGER NULL,
    region TEXT NULL CHECK (length(region) <= 32),
    kind TEXT NULL CHECK (length(kind) <= 16),
    resource_id TEXT NULL CHECK (length(resource_id) <= 255),
    state TEXT NOT NULL CHECK (length(state) <= 16),
    reason TEXT NOT NULL CHECK (length(reason) <= 500),
    from_at TEXT NOT NULL,
    until_at TEXT NOT NULL,
    ended_at TEXT NULL,
    actor_id BLOB NOT NULL CHECK (length(actor_id) = 16),
    actor_name TEXT NOT NULL CHECK (length(actor_name) <= 190),
    created_at TEXT NOT NULL,
    PRIMARY KEY (org_id, override_id),
    CONSTRAINT schedule_override_schedule FOREIGN KEY (org_id, schedule_id) REFERENCES schedule (org_id, schedule_id),
    CONSTRAINT schedule_override_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX schedule_override_until ON schedule_override (org_id, until_at);
CREATE INDEX schedule_override_of_schedule ON schedule_override (org_id, schedule_id);
CREATE INDEX schedule_override_of_account ON schedule_override (org_id, account_id);

-- The kill switch of an organisation: it is on while there is a row.
CREATE TABLE scheduler_stop (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    reason TEXT NOT NULL CHECK (length(reason) <= 500),
    stopped_by TEXT NOT NULL CHECK (length(stopped_by) <= 190),
    stopped_at TEXT NOT NULL,
    PRIMARY KEY (org_id),
    CONSTRAINT scheduler_stop_organization FOREIGN KEY (org_id) REFERENCES organization (id)
) STRICT, WITHOUT ROWID;

-- The kill switch of everybody. At most one row: slot is always 1.
CREATE TABLE installation_stop (
    slot INTEGER NOT NULL,
    reason TEXT NOT NULL CHECK (length(reason) <= 500),
    stopped_by TEXT NOT NULL CHECK (length(stopped_by) <= 190),
    stopped_at TEXT NOT NULL,
    PRIMARY KEY (slot)
) STRICT, WITHOUT ROWID;

-- Accounts in which nothing is started or stopped for now.
CREATE TABLE account_suspension (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    account_id INTEGER NOT NULL,
    reason TEXT NOT NULL CHECK (length(reason) <= 500),
    suspended_by TEXT NOT NULL CHECK (length(suspended_by) <= 190),
    suspended_at TEXT NOT NULL,
    PRIMARY KEY (org_id, account_id),
    CONSTRAINT account_suspension_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT, WITHOUT ROWID;

-- More at once than may be done without asking. standing ones hold for as long as the schedule keeps its
-- revision.
CREATE TABLE scheduler_approval (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    approval_id BLOB NOT NULL CHECK (length(approval_id) = 16),
    account_id INTEGER NOT NULL,
    schedule_name TEXT NOT NULL CHECK (length(schedule_name) <= 256),
    revision INTEGER NOT NULL,
    action TEXT NOT NULL CHECK (length(action) <= 16),
    resource_count INTEGER NOT NULL,
    resources TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (length(reason) <= 500),
    status TEXT NOT NULL CHECK (length(status) <= 16),
    standing INTEGER NOT NULL,
    requested_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    decided_at TEXT NULL,
    decided_by TEXT NULL CHECK (length(decided_by) <= 190),
    note TEXT NULL CHECK (length(note) <= 500),
    PRIMARY KEY (org_id, approval_id),
    CONSTRAINT scheduler_approval_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX scheduler_approval_status ON scheduler_approval (org_id, status, approval_id);
CREATE INDEX scheduler_approval_of_account ON scheduler_approval (org_id, account_id, status);

-- Everything tagged Scheduler=Enabled as it was seen last, and what the scheduler remembers of it. off_since is the
-- part of the time off that schedule_day does not hold yet, at the price of the moment of stopping.
CREATE TABLE scheduled_resource (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    account_id INTEGER NOT NULL,
    region TEXT NOT NULL CHECK (length(region) <= 32),
    kind TEXT NOT NULL CHECK (length(kind) <= 16),
    resource_id TEXT NOT NULL CHECK (length(resource_id) <= 255),
    name TEXT NULL CHECK (length(name) <= 256),
    power TEXT NOT NULL CHECK (length(power) <= 16),
    schedule_name TEXT NULL CHECK (length(schedule_name) <= 256),
    desired TEXT NULL CHECK (length(desired) <= 16),
    ineligible TEXT NULL CHECK (length(ineligible) <= 64),
    reason TEXT NULL CHECK (length(reason) <= 64),
    body TEXT NOT NULL,
    memory TEXT NULL,
    next_change_at TEXT NULL,
    off_since TEXT NULL,
    off_price INTEGER NULL,
    off_coverage TEXT NULL CHECK (length(off_coverage) <= 16),
    seen_at TEXT NOT NULL,
    gone_at TEXT NULL,
    PRIMARY KEY (org_id, account_id, region, kind, resource_id),
    CONSTRAINT scheduled_resource_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX scheduled_resource_schedule ON scheduled_resource (org_id, schedule_name);

-- When all regions of an account were looked at last, and until when it is left alone after a failure.
CREATE TABLE scheduled_account (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    account_id INTEGER NOT NULL,
    swept_at TEXT NULL,
    failure TEXT NULL CHECK (length(failure) <= 80),
    message TEXT NULL CHECK (length(message) <= 500),
    failures INTEGER NOT NULL,
    failed_at TEXT NULL,
    not_before TEXT NULL,
    PRIMARY KEY (org_id, account_id),
    CONSTRAINT scheduled_account_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT, WITHOUT ROWID;

-- When a region was looked at last, and why it could not be.
CREATE TABLE scheduled_region (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    account_id INTEGER NOT NULL,
    region TEXT NOT NULL CHECK (length(region) <= 32),
    looked_at TEXT NULL,
    failure TEXT NULL CHECK (length(failure) <= 80),
    failed_at TEXT NULL,
    PRIMARY KEY (org_id, account_id, region),
    CONSTRAINT scheduled_region_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE scheduler_run (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    run_id BLOB NOT NULL CHECK (length(run_id) = 16),
    started_for TEXT NOT NULL CHECK (length(started_for) <= 16),
    actor_name TEXT NOT NULL CHECK (length(actor_name) <= 190),
    dry_run INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (length(status) <= 16),
    started_at TEXT NOT NULL,
    finished_at TEXT NULL,
    summary TEXT NULL,
    PRIMARY KEY (org_id, run_id),
    CONSTRAINT scheduler_run_organization FOREIGN KEY (org_id) REFERENCES organization (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX scheduler_run_started ON scheduler_run (org_id, started_at);

-- One start or stop: intent, call, outcome, verification. Written before the call, called_at marks the last
-- moment before it. audit_intent is the sequence of its intent in the audit.
CREATE TABLE scheduler_action (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    action_id BLOB NOT NULL CHECK (length(action_id) = 16),
    run_id BLOB NOT NULL CHECK (length(run_id) = 16),
    account_id INTEGER NOT NULL,
    region TEXT NOT NULL CHECK (length(region) <= 32),
    kind TEXT NOT NULL CHECK (length(kind) <= 16),
    resource_id TEXT NOT NULL CHECK (length(resource_id) <= 255),
    resource_name TEXT NULL CHECK (length(resource_name) <= 256),
    schedule_name TEXT NULL CHECK (length(schedule_name) <= 256),
    action TEXT NOT NULL CHECK (length(action) <= 16),
    reason TEXT NOT NULL CHECK (length(reason) <= 64),
    state_before TEXT NOT NULL CHECK (length(state_before) <= 16),
    status TEXT NOT NULL CHECK (length(status) <= 16),
    fence INTEGER NOT NULL,
    audit_intent INTEGER NULL,
    due_at TEXT NOT NULL,
    decided_at TEXT NOT NULL,
    called_at TEXT NULL,
    code TEXT NULL CHECK (length(code) <= 80),
    message TEXT NULL CHECK (length(message) <= 500),
    request_id TEXT NULL CHECK (length(request_id) <= 80),
    finished_at TEXT NULL,
    verify_after TEXT NULL,
    state_seen TEXT NULL CHECK (length(state_seen) <= 16),
    verified_at TEXT NULL,
    PRIMARY KEY (org_id, action_id),
    CONSTRAINT scheduler_action_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX scheduler_action_of_account ON scheduler_action (org_id, account_id, action_id);
CREATE INDEX scheduler_action_of_resource ON scheduler_action (org_id, account_id, region, kind, resource_id, action_id);
CREATE INDEX scheduler_action_open ON scheduler_action (org_id, status, account_id, action_id);
CREATE INDEX scheduler_action_decided ON scheduler_action (org_id, decided_at);

-- Leases on parts of all accounts. fence rises each time another holder takes one.
CREATE TABLE scheduler_shard (
    shard INTEGER NOT NULL,
    holder BLOB NULL CHECK (length(holder) = 16),
    fence INTEGER NOT NULL,
    until_at TEXT NOT NULL,
    ticked_for TEXT NOT NULL,
    PRIMARY KEY (shard)
) STRICT, WITHOUT ROWID;

-- Time off by the day (UTC), kept for the savings ledger. price_micro_usd is of an hour, empty where unknown.
CREATE TABLE schedule_day (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    account_id INTEGER NOT NULL,
    region TEXT NOT NULL CHECK (length(region) <= 32),
    kind TEXT NOT NULL CHECK (length(kind) <= 16),
    resource_id TEXT NOT NULL CHECK (length(resource_id) <= 255),
    day TEXT NOT NULL,
    schedule_name TEXT NULL CHECK (length(schedule_name) <= 256),
    seconds_off INTEGER NOT NULL,
    saved INTEGER NOT NULL,
    price_micro_usd INTEGER NULL,
    coverage TEXT NOT NULL CHECK (length(coverage) <= 16),
    updated_at TEXT NOT NULL,
    PRIMARY KEY (org_id, account_id, region, kind, resource_id, day),
    CONSTRAINT schedule_day_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX schedule_day_day ON schedule_day (org_id, day);
