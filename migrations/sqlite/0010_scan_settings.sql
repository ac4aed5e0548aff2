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
