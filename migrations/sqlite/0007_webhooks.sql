-- Where an organisation wants to be told of failures and deviations. url, secret and previous_secret are sealed.
-- accounts is empty where all of them count.
CREATE TABLE webhook (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    webhook_id BLOB NOT NULL CHECK (length(webhook_id) = 16),
    name TEXT NOT NULL CHECK (length(name) <= 190),
    url BLOB NOT NULL CHECK (length(url) <= 2304),
    secret BLOB NOT NULL CHECK (length(secret) <= 512),
    previous_secret BLOB NULL CHECK (length(previous_secret) <= 512),
    previous_until TEXT NULL,
    events TEXT NOT NULL,
    accounts TEXT NULL,
    created_at TEXT NOT NULL,
    created_by BLOB NOT NULL CHECK (length(created_by) = 16),
    disabled_at TEXT NULL,
    last_success_at TEXT NULL,
    last_failure_at TEXT NULL,
    last_failure TEXT NULL CHECK (length(last_failure) <= 32),
    PRIMARY KEY (org_id, webhook_id),
    CONSTRAINT webhook_organization FOREIGN KEY (org_id) REFERENCES organization (id)
) STRICT, WITHOUT ROWID;

-- The outbox. next_at is when an attempt is due: while one is under way, when another server may take it over,
-- empty once it is delivered or given up. attempts rises with each claim, and whoever claimed last settles it.
CREATE TABLE webhook_delivery (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    delivery_id BLOB NOT NULL CHECK (length(delivery_id) = 16),
    webhook_id BLOB NOT NULL CHECK (length(webhook_id) = 16),
    account_id INTEGER NULL,
    event TEXT NOT NULL CHECK (length(event) <= 64),
    body TEXT NOT NULL,
    created_at TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at TEXT NULL,
    attempted_at TEXT NULL,
    delivered_at TEXT NULL,
    given_up_at TEXT NULL,
    last_status INTEGER NULL,
    last_failure TEXT NULL CHECK (length(last_failure) <= 32),
    PRIMARY KEY (org_id, delivery_id),
    CONSTRAINT webhook_delivery_webhook FOREIGN KEY (org_id, webhook_id) REFERENCES webhook (org_id, webhook_id),
    CONSTRAINT webhook_delivery_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_delivery_due ON webhook_delivery (next_at);
CREATE INDEX webhook_delivery_of_webhook ON webhook_delivery (org_id, webhook_id, delivery_id);
CREATE INDEX webhook_delivery_of_account ON webhook_delivery (org_id, account_id);
CREATE INDEX webhook_delivery_created ON webhook_delivery (org_id, created_at);
