-- changed_at is when its meaning changed last: an edit, the end of a suspension, an edited calendar.
CREATE TABLE schedule (
    org_id BINARY(16) NOT NULL,
    schedule_id BINARY(16) NOT NULL,
    name VARCHAR(128) NOT NULL,
    document MEDIUMTEXT NOT NULL,
    revision BIGINT NOT NULL,
    suspended_reason VARCHAR(500) NULL,
    suspended_at DATETIME(6) NULL,
    changed_at DATETIME(6) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    updated_by VARCHAR(190) NOT NULL,
    PRIMARY KEY (org_id, schedule_id),
    UNIQUE KEY schedule_name (org_id, name),
    CONSTRAINT schedule_organization FOREIGN KEY (org_id) REFERENCES organization (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE schedule_calendar (
    org_id BINARY(16) NOT NULL,
    calendar_id BINARY(16) NOT NULL,
    name VARCHAR(128) NOT NULL,
    document MEDIUMTEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    updated_by VARCHAR(190) NOT NULL,
    PRIMARY KEY (org_id, calendar_id),
    UNIQUE KEY schedule_calendar_name (org_id, name),
    CONSTRAINT schedule_calendar_organization FOREIGN KEY (org_id) REFERENCES organization (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Which resources without a tag of their own follow a schedule. Empty parts match all.
CREATE TABLE schedule_assignment (
    org_id BINARY(16) NOT NULL,
    assignment_id BINARY(16) NOT NULL,
    schedule_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    region VARCHAR(32) NULL,
    tag_key VARCHAR(128) NULL,
    tag_value VARCHAR(256) NULL,
    created_at DATETIME(6) NOT NULL,
    created_by VARCHAR(190) NOT NULL,
    PRIMARY KEY (org_id, assignment_id),
    KEY schedule_assignment_schedule (org_id, schedule_id, assignment_id),
    KEY schedule_assignment_of_account (org_id, account_id),
    CONSTRAINT schedule_assignment_schedule FOREIGN KEY (org_id, schedule_id) REFERENCES schedule (org_id, schedule_id),
    CONSTRAINT schedule_assignment_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Of a schedule, or of one resource: the other columns are empty then.
CREATE TABLE schedule_override (
    org_id BINARY(16) NOT NULL,
    override_id BINARY(16) NOT NULL,
    schedule_id BINARY(16) NULL,
    account_id BIGINT NULL,
    region VARCHAR(32) NULL,
    kind VARCHAR(16) NULL,
    resource_id VARCHAR(255) NULL,
    state VARCHAR(16) NOT NULL,
    reason VARCHAR(500) NOT NULL,
    from_at DATETIME(6) NOT NULL,
    until_at DATETIME(6) NOT NULL,
    ended_at DATETIME(6) NULL,
    actor_id BINARY(16) NOT NULL,
    actor_name VARCHAR(190) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (org_id, override_id),
    KEY schedule_override_until (org_id, until_at),
    KEY schedule_override_of_schedule (org_id, schedule_id),
    KEY schedule_override_of_account (org_id, account_id),
    CONSTRAINT schedule_override_schedule FOREIGN KEY (org_id, schedule_id) REFERENCES schedule (org_id, schedule_id),
    CONSTRAINT schedule_override_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- The kill switch of an organisation: it is on while there is a row.
CREATE TABLE scheduler_stop (
    org_id BINARY(16) NOT NULL,
    reason VARCHAR(500) NOT NULL,
    stopped_by VARCHAR(190) NOT NULL,
    stopped_at DATETIME(6) NOT NULL,
    PRIMARY KEY (org_id),
    CONSTRAINT scheduler_stop_organization FOREIGN KEY (org_id) REFERENCES organization (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- The kill switch of everybody. At most one row: slot is always 1.
CREATE TABLE installation_stop (
    slot BIGINT NOT NULL,
    reason VARCHAR(500) NOT NULL,
    stopped_by VARCHAR(190) NOT NULL,
    stopped_at DATETIME(6) NOT NULL,
    PRIMARY KEY (slot)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Accounts in which nothing is started or stopped for now.
CREATE TABLE account_suspension (
    org_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    reason VARCHAR(500) NOT NULL,
    suspended_by VARCHAR(190) NOT NULL,
    suspended_at DATETIME(6) NOT NULL,
    PRIMARY KEY (org_id, account_id),
    CONSTRAINT account_suspension_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- More at once than may be done without asking. standing ones hold for as long as the schedule keeps its
-- revision.
CREATE TABLE scheduler_approval (
    org_id BINARY(16) NOT NULL,
    approval_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    schedule_name VARCHAR(256) NOT NULL,
    revision BIGINT NOT NULL,
    action VARCHAR(16) NOT NULL,
    resource_count BIGINT NOT NULL,
    resources MEDIUMTEXT NOT NULL,
    reason VARCHAR(500) NOT NULL,
    status VARCHAR(16) NOT NULL,
    standing BIGINT NOT NULL,
    requested_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    decided_at DATETIME(6) NULL,
    decided_by VARCHAR(190) NULL,
    note VARCHAR(500) NULL,
    PRIMARY KEY (org_id, approval_id),
    KEY scheduler_approval_status (org_id, status, approval_id),
    KEY scheduler_approval_of_account (org_id, account_id, status),
    CONSTRAINT scheduler_approval_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Everything tagged Scheduler=Enabled as it was seen last, and what the scheduler remembers of it. off_since is the
-- part of the time off that schedule_day does not hold yet, at the price of the moment of stopping.
CREATE TABLE scheduled_resource (
    org_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    region VARCHAR(32) NOT NULL,
    kind VARCHAR(16) NOT NULL,
    resource_id VARCHAR(255) NOT NULL,
    name VARCHAR(256) NULL,
    power VARCHAR(16) NOT NULL,
    schedule_name VARCHAR(256) NULL,
    desired VARCHAR(16) NULL,
    ineligible VARCHAR(64) NULL,
    reason VARCHAR(64) NULL,
    body MEDIUMTEXT NOT NULL,
    memory MEDIUMTEXT NULL,
    next_change_at DATETIME(6) NULL,
    off_since DATETIME(6) NULL,
    off_price BIGINT NULL,
    off_coverage VARCHAR(16) NULL,
    seen_at DATETIME(6) NOT NULL,
    gone_at DATETIME(6) NULL,
    PRIMARY KEY (org_id, account_id, region, kind, resource_id),
    KEY scheduled_resource_schedule (org_id, schedule_name),
    CONSTRAINT scheduled_resource_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- When all regions of an account were looked at last, and until when it is left alone after a failure.
CREATE TABLE scheduled_account (
    org_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    swept_at DATETIME(6) NULL,
    failure VARCHAR(80) NULL,
    message VARCHAR(500) NULL,
    failures BIGINT NOT NULL,
    failed_at DATETIME(6) NULL,
    not_before DATETIME(6) NULL,
    PRIMARY KEY (org_id, account_id),
    CONSTRAINT scheduled_account_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- When a region was looked at last, and why it could not be.
CREATE TABLE scheduled_region (
    org_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    region VARCHAR(32) NOT NULL,
    looked_at DATETIME(6) NULL,
    failure VARCHAR(80) NULL,
    failed_at DATETIME(6) NULL,
    PRIMARY KEY (org_id, account_id, region),
    CONSTRAINT scheduled_region_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE scheduler_run (
    org_id BINARY(16) NOT NULL,
    run_id BINARY(16) NOT NULL,
    started_for VARCHAR(16) NOT NULL,
    actor_name VARCHAR(190) NOT NULL,
    dry_run BIGINT NOT NULL,
    status VARCHAR(16) NOT NULL,
    started_at DATETIME(6) NOT NULL,
    finished_at DATETIME(6) NULL,
    summary MEDIUMTEXT NULL,
    PRIMARY KEY (org_id, run_id),
    KEY scheduler_run_started (org_id, started_at),
    CONSTRAINT scheduler_run_organization FOREIGN KEY (org_id) REFERENCES organization (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- One start or stop: intent, call, outcome, verification. Written before the call, called_at marks the last
-- moment before it. audit_intent is the sequence of its intent in the audit.
CREATE TABLE scheduler_action (
    org_id BINARY(16) NOT NULL,
    action_id BINARY(16) NOT NULL,
    run_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    region VARCHAR(32) NOT NULL,
    kind VARCHAR(16) NOT NULL,
    resource_id VARCHAR(255) NOT NULL,
    resource_name VARCHAR(256) NULL,
    schedule_name VARCHAR(256) NULL,
    action VARCHAR(16) NOT NULL,
    reason VARCHAR(64) NOT NULL,
    state_before VARCHAR(16) NOT NULL,
    status VARCHAR(16) NOT NULL,
    fence BIGINT NOT NULL,
    audit_intent BIGINT NULL,
    due_at DATETIME(6) NOT NULL,
    decided_at DATETIME(6) NOT NULL,
    called_at DATETIME(6) NULL,
    code VARCHAR(80) NULL,
    message VARCHAR(500) NULL,
    request_id VARCHAR(80) NULL,
    finished_at DATETIME(6) NULL,
    verify_after DATETIME(6) NULL,
    state_seen VARCHAR(16) NULL,
    verified_at DATETIME(6) NULL,
    PRIMARY KEY (org_id, action_id),
    KEY scheduler_action_of_account (org_id, account_id, action_id),
    KEY scheduler_action_of_resource (org_id, account_id, region, kind, resource_id, action_id),
    KEY scheduler_action_open (org_id, status, account_id, action_id),
    KEY scheduler_action_decided (org_id, decided_at),
    CONSTRAINT scheduler_action_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Leases on parts of all accounts. fence rises each time another holder takes one.
CREATE TABLE scheduler_shard (
    shard BIGINT NOT NULL,
    holder BINARY(16) NULL,
    fence BIGINT NOT NULL,
    until_at DATETIME(6) NOT NULL,
    ticked_for DATETIME(6) NOT NULL,
    PRIMARY KEY (shard)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Time off by the day (UTC), kept for the savings ledger. price_micro_usd is of an hour, empty where unknown.
CREATE TABLE schedule_day (
    org_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    region VARCHAR(32) NOT NULL,
    kind VARCHAR(16) NOT NULL,
    resource_id VARCHAR(255) NOT NULL,
    day DATE NOT NULL,
    schedule_name VARCHAR(256) NULL,
    seconds_off BIGINT NOT NULL,
    saved BIGINT NOT NULL,
    price_micro_usd BIGINT NULL,
    coverage VARCHAR(16) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    PRIMARY KEY (org_id, account_id, region, kind, resource_id, day),
    KEY schedule_day_day (org_id, day),
    CONSTRAINT schedule_day_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
