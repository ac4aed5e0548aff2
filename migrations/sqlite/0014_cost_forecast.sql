-- What AWS expects the rest of a month to cost, as the last scan was told. Amounts are in millionths.
CREATE TABLE cost_forecast (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    account_id INTEGER NOT NULL,
    month_day TEXT NOT NULL,
    from_day TEXT NOT NULL,
    until_day TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (org_id, account_id),
    CONSTRAINT cost_forecast_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT, WITHOUT ROWID;
