-- What is billed in another currency than US dollars: kept as it is, never added to them. Amounts are in millionths.
CREATE TABLE foreign_cost (
    org_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    day DATE NOT NULL,
    service VARCHAR(190) NOT NULL,
    currency VARCHAR(3) NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (org_id, account_id, day, service, currency),
    CONSTRAINT foreign_cost_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
