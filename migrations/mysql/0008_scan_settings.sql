-- When an account is scanned by itself, and what AWS may charge for its scans in a month, in micro-USD. next_at is
-- empty where there is no plan.
CREATE TABLE scan_setting (
    org_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    cron VARCHAR(120) NULL,
    time_zone VARCHAR(64) NULL,
    next_at DATETIME(6) NULL,
    monthly_budget BIGINT NULL,
    updated_at DATETIME(6) NOT NULL,
    PRIMARY KEY (org_id, account_id),
    KEY scan_setting_next (org_id, next_at),
    CONSTRAINT scan_setting_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- What AWS charges for the scan's own calls, in micro-USD.
ALTER TABLE scan ADD COLUMN cost BIGINT NULL;

-- Regions that a running scan has finished, in pieces: a scan whose server died goes on behind them. Gone when the
-- scan is kept.
CREATE TABLE scan_part (
    org_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    region VARCHAR(32) NOT NULL,
    piece BIGINT NOT NULL,
    taken_at DATETIME(6) NOT NULL,
    body MEDIUMBLOB NOT NULL,
    PRIMARY KEY (org_id, account_id, region, piece),
    CONSTRAINT scan_part_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
