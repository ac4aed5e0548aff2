-- The audit. Rows of audit_entry are written once and never changed, audit_head holds where each chain ends, and
-- the last entry that was deleted when its time was over. An organisation of zeros owns what belongs to nobody
-- yet, so nothing here refers to organization.

CREATE TABLE audit_head (
    org_id BINARY(16) NOT NULL,
    sequence BIGINT NOT NULL,
    hash BINARY(32) NOT NULL,
    floor_sequence BIGINT NOT NULL,
    floor_hash BINARY(32) NOT NULL,
    PRIMARY KEY (org_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- at_micros is the number that is hashed, and it stands in every index of what may be ten million rows.
CREATE TABLE audit_entry (
    org_id BINARY(16) NOT NULL,
    sequence BIGINT NOT NULL,
    at_micros BIGINT NOT NULL,
    actor_kind VARCHAR(16) NOT NULL,
    user_id BINARY(16) NULL,
    api_key_id BINARY(16) NULL,
    action VARCHAR(96) NOT NULL,
    account_id BIGINT NULL,
    target VARCHAR(255) NULL,
    phase VARCHAR(16) NOT NULL,
    outcome VARCHAR(16) NOT NULL,
    status BIGINT NULL,
    code VARCHAR(48) NULL,
    detail VARCHAR(255) NULL,
    request_id BINARY(16) NULL,
    intent BIGINT NULL,
    origin BINARY(32) NULL,
    hash BINARY(32) NOT NULL,
    PRIMARY KEY (org_id, sequence),
    KEY audit_entry_time (org_id, at_micros, sequence),
    KEY audit_entry_user (org_id, user_id, at_micros, sequence),
    KEY audit_entry_account (org_id, account_id, at_micros, sequence),
    KEY audit_entry_action (org_id, action, at_micros, sequence),
    KEY audit_entry_outcome (org_id, outcome, at_micros, sequence)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Personal data, one row for many entries: an entry holds the digest. Deleted with the person.
CREATE TABLE audit_origin (
    org_id BINARY(16) NOT NULL,
    digest BINARY(32) NOT NULL,
    user_id BINARY(16) NULL,
    at_micros BIGINT NOT NULL,
    salt BINARY(16) NOT NULL,
    ip VARCHAR(45) NULL,
    user_agent VARCHAR(256) NULL,
    PRIMARY KEY (org_id, digest),
    KEY audit_origin_user (org_id, user_id),
    KEY audit_origin_time (org_id, at_micros)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Work that one server does for all of them, once for each time that it is due.
CREATE TABLE timer (
    name VARCHAR(64) NOT NULL,
    lease_until DATETIME(6) NOT NULL,
    done_for DATETIME(6) NOT NULL,
    PRIMARY KEY (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
