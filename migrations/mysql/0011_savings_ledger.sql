-- What was promised when a recommendation was marked as implemented, frozen, and what scans found of it since.
CREATE TABLE saving_entry (
    org_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    recommendation_id BINARY(16) NOT NULL,
    implemented_at DATETIME(6) NOT NULL,
    implemented_by BINARY(16) NOT NULL,
    note VARCHAR(1000) NULL,
    verification VARCHAR(16) NOT NULL,
    realised BIGINT NOT NULL,
    peak BIGINT NOT NULL,
    remaining BIGINT NULL,
    reason VARCHAR(32) NULL,
    verified_at DATETIME(6) NULL,
    booked_until DATE NOT NULL,
    closed_at DATETIME(6) NULL,
    counted_with BINARY(16) NULL,
    body MEDIUMTEXT NOT NULL,
    PRIMARY KEY (org_id, account_id, recommendation_id, implemented_at),
    KEY saving_entry_newest (org_id, implemented_at, recommendation_id),
    CONSTRAINT saving_entry_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Days (UTC) of an entry: seconds counted, what was promised for them, and what came.
CREATE TABLE saving_day (
    org_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    recommendation_id BINARY(16) NOT NULL,
    implemented_at DATETIME(6) NOT NULL,
    day DATE NOT NULL,
    implemented_by BINARY(16) NOT NULL,
    seconds BIGINT NOT NULL,
    estimated BIGINT NOT NULL,
    realised BIGINT NOT NULL,
    PRIMARY KEY (org_id, account_id, recommendation_id, implemented_at, day),
    KEY saving_day_day (org_id, day),
    CONSTRAINT saving_day_of FOREIGN KEY (org_id, account_id, recommendation_id, implemented_at) REFERENCES saving_entry (org_id, account_id, recommendation_id, implemented_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- How an account stood at the end of each day (UTC) on which it was scanned. Months of 730 hours.
CREATE TABLE saving_history (
    org_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    day DATE NOT NULL,
    possible BIGINT NOT NULL,
    possible_after_discounts BIGINT NULL,
    realised BIGINT NOT NULL,
    spend BIGINT NULL,
    optimisable_spend BIGINT NULL,
    PRIMARY KEY (org_id, account_id, day),
    KEY saving_history_day (org_id, day),
    CONSTRAINT saving_history_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
