-- When an account is scanned by itself, and what AWS may charge for its scans in a month, in micro-USD. next_at is
-- empty where there is no plan.
CREATE TABLE scan_setting (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    account_id INTEGER NOT NULL,
    cron TEXT NULL CHECK (length(cron) <= 120),
    time_zone TEXT NULL CHECK (length(time_zone) <= 64),
    next_at TEXT NULL,
    monthly_budget INTEGER NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (org_id, account_id),
    CONSTRAINT scan_setting_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX scan_setting_next ON scan_setting (org_id, next_at);

-- What AWS charges for the scan's own calls, in micro-USD.
ALTER TABLE scan ADD COLUMN cost INTEGER NULL;

-- Regions that a running scan has finished, in pieces: a scan whose server died goes on behind them. Gone when the
-- scan is kept.
CREATE TABLE scan_part (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    account_id INTEGER NOT NULL,
    region TEXT NOT NULL CHECK (length(region) <= 32),
    piece INTEGER NOT NULL,
    taken_at TEXT NOT NULL,
    body BLOB NOT NULL CHECK (length(body) <= 1048576),
    PRIMARY KEY (org_id, account_id, region, piece),
    CONSTRAINT scan_part_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT;
