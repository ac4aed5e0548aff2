-- How an organisation wants to be judged: thresholds, rules on and off, exclusions. Each change raises version.
CREATE TABLE rule_settings (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    body TEXT NOT NULL,
    version INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    updated_by BLOB NOT NULL CHECK (length(updated_by) = 16),
    PRIMARY KEY (org_id),
    CONSTRAINT rule_settings_organization FOREIGN KEY (org_id) REFERENCES organization (id)
) STRICT;

-- The same for one account. It goes over the organisation's.
CREATE TABLE account_rule_settings (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    account_id INTEGER NOT NULL,
    body TEXT NOT NULL,
    version INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    updated_by BLOB NOT NULL CHECK (length(updated_by) = 16),
    PRIMARY KEY (org_id, account_id),
    CONSTRAINT account_rule_settings_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT;

-- The life of a recommendation: what people decided, and what scans found. actor_id is empty where nobody acted.
CREATE TABLE recommendation_event (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    account_id INTEGER NOT NULL,
    recommendation_id BLOB NOT NULL CHECK (length(recommendation_id) = 16),
    event_id BLOB NOT NULL CHECK (length(event_id) = 16),
    at TEXT NOT NULL,
    event TEXT NOT NULL CHECK (length(event) <= 16),
    status_before TEXT NOT NULL CHECK (length(status_before) <= 16),
    status_after TEXT NOT NULL CHECK (length(status_after) <= 16),
    actor_id BLOB NULL CHECK (length(actor_id) = 16),
    note TEXT NULL CHECK (length(note) <= 1000),
    until_at TEXT NULL,
    PRIMARY KEY (org_id, account_id, recommendation_id, event_id),
    CONSTRAINT recommendation_event_of FOREIGN KEY (org_id, account_id, recommendation_id) REFERENCES recommendation (org_id, account_id, recommendation_id)
) STRICT;
