-- What AWS expects the rest of a month to cost, as the last scan was told. Amounts are in millionths.
CREATE TABLE cost_forecast (
    org_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    month_day DATE NOT NULL,
    from_day DATE NOT NULL,
    until_day DATE NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (org_id, account_id),
    CONSTRAINT cost_forecast_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
