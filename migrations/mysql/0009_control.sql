-- How an organisation wants to be judged: thresholds, rules on and off, exclusions. Each change raises version.
CREATE TABLE rule_settings (
    org_id BINARY(16) NOT NULL,
    body MEDIUMTEXT NOT NULL,
    version BIGINT NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    updated_by BINARY(16) NOT NULL,
    PRIMARY KEY (org_id),
    CONSTRAINT rule_settings_organization FOREIGN KEY (org_id) REFERENCES organization (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- The same for one account. It goes over the organisation's.
CREATE TABLE account_rule_settings (
    org_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    body MEDIUMTEXT NOT NULL,
    version BIGINT NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    updated_by BINARY(16) NOT NULL,
    PRIMARY KEY (org_id, account_id),
    CONSTRAINT account_rule_settings_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- The life of a recommendation: what people decided, and what scans found. actor_id is empty where nobody acted.
CREATE TABLE recommendation_event (
    org_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    recommendation_id BINARY(16) NOT NULL,
    event_id BINARY(16) NOT NULL,
    at DATETIME(6) NOT NULL,
    event VARCHAR(16) NOT NULL,
    status_before VARCHAR(16) NOT NULL,
    status_after VARCHAR(16) NOT NULL,
    actor_id BINARY(16) NULL,
    note VARCHAR(1000) NULL,
    until_at DATETIME(6) NULL,
    PRIMARY KEY (org_id, account_id, recommendation_id, event_id),
    CONSTRAINT recommendation_event_of FOREIGN KEY (org_id, account_id, recommendation_id) REFERENCES recommendation (org_id, account_id, recommendation_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
