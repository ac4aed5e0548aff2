-- Where an organisation wants to be told of failures and deviations. url, secret and previous_secret are sealed.
-- accounts is empty where all of them count.
CREATE TABLE webhook (
    org_id BINARY(16) NOT NULL,
    webhook_id BINARY(16) NOT NULL,
    name VARCHAR(190) NOT NULL,
    url VARBINARY(2304) NOT NULL,
    secret VARBINARY(512) NOT NULL,
    previous_secret VARBINARY(512) NULL,
    previous_until DATETIME(6) NULL,
    events MEDIUMTEXT NOT NULL,
    accounts MEDIUMTEXT NULL,
    created_at DATETIME(6) NOT NULL,
    created_by BINARY(16) NOT NULL,
    disabled_at DATETIME(6) NULL,
    last_success_at DATETIME(6) NULL,
    last_failure_at DATETIME(6) NULL,
    last_failure VARCHAR(32) NULL,
    PRIMARY KEY (org_id, webhook_id),
    CONSTRAINT webhook_organization FOREIGN KEY (org_id) REFERENCES organization (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- The outbox. next_at is when an attempt is due: while one is under way, when another server may take it over,
-- empty once it is delivered or given up. attempts rises with each claim, and whoever claimed last settles it.
CREATE TABLE webhook_delivery (
    org_id BINARY(16) NOT NULL,
    delivery_id BINARY(16) NOT NULL,
    webhook_id BINARY(16) NOT NULL,
    account_id BIGINT NULL,
    event VARCHAR(64) NOT NULL,
    body MEDIUMTEXT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    attempts BIGINT NOT NULL,
    next_at DATETIME(6) NULL,
    attempted_at DATETIME(6) NULL,
    delivered_at DATETIME(6) NULL,
    given_up_at DATETIME(6) NULL,
    last_status BIGINT NULL,
    last_failure VARCHAR(32) NULL,
    PRIMARY KEY (org_id, delivery_id),
    KEY webhook_delivery_due (next_at),
    KEY webhook_delivery_of_webhook (org_id, webhook_id, delivery_id),
    KEY webhook_delivery_of_account (org_id, account_id),
    KEY webhook_delivery_created (org_id, created_at),
    CONSTRAINT webhook_delivery_webhook FOREIGN KEY (org_id, webhook_id) REFERENCES webhook (org_id, webhook_id),
    CONSTRAINT webhook_delivery_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
