-- What is billed in another currency than US dollars: kept as it is, never added to them. Amounts are in millionths.
CREATE TABLE foreign_cost (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    account_id INTEGER NOT NULL,
    day TEXT NOT NULL,
    service TEXT NOT NULL CHECK (length(service) <= 190),
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    amount INTEGER NOT NULL,
    PRIMARY KEY (org_id, account_id, day, service, currency),
    CONSTRAINT foreign_cost_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT, WITHOUT ROWID;
