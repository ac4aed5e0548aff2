-- Sign-in of local users, sessions, API keys, set-up links. Of passwords, cookies, keys and links only hashes are kept.

ALTER TABLE member ADD COLUMN signed_out_at DATETIME(6) NULL;
ALTER TABLE member ADD COLUMN erased_at DATETIME(6) NULL;

-- totp_seed is sealed before it comes here and counts once totp_since is set. A step of time serves once.
CREATE TABLE credential (
    org_id BINARY(16) NOT NULL,
    user_id BINARY(16) NOT NULL,
    password_hash VARCHAR(255) NOT NULL,
    changed_at DATETIME(6) NOT NULL,
    totp_seed VARBINARY(512) NULL,
    totp_since DATETIME(6) NULL,
    totp_last_step BIGINT NULL,
    PRIMARY KEY (org_id, user_id),
    CONSTRAINT credential_member FOREIGN KEY (org_id, user_id) REFERENCES member (org_id, user_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Keyed by a hash of organisation and name, known or not: both must behave alike.
CREATE TABLE sign_in_attempt (
    name_hash BINARY(32) NOT NULL,
    failures BIGINT NOT NULL,
    last_at DATETIME(6) NOT NULL,
    PRIMARY KEY (name_hash),
    KEY sign_in_attempt_last (last_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE session (
    org_id BINARY(16) NOT NULL,
    session_id BINARY(16) NOT NULL,
    user_id BINARY(16) NOT NULL,
    hash BINARY(32) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    last_seen_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    ip VARCHAR(45) NULL,
    user_agent VARCHAR(256) NULL,
    PRIMARY KEY (org_id, session_id),
    UNIQUE KEY session_hash (hash),
    KEY session_of_member (org_id, user_id),
    KEY session_end (expires_at),
    CONSTRAINT session_member FOREIGN KEY (org_id, user_id) REFERENCES member (org_id, user_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- Bearer tokens that were signed out before their end. The fingerprint is that of what was signed.
CREATE TABLE ended_token (
    org_id BINARY(16) NOT NULL,
    fingerprint BINARY(32) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    PRIMARY KEY (org_id, fingerprint),
    KEY ended_token_end (expires_at),
    CONSTRAINT ended_token_organization FOREIGN KEY (org_id) REFERENCES organization (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- accounts: a list, or empty for all that the issuer sees.
CREATE TABLE api_key (
    org_id BINARY(16) NOT NULL,
    key_id BINARY(16) NOT NULL,
    issued_by BINARY(16) NOT NULL,
    name VARCHAR(190) NOT NULL,
    hash BINARY(32) NOT NULL,
    shown VARCHAR(16) NOT NULL,
    role VARCHAR(32) NOT NULL,
    scopes MEDIUMTEXT NOT NULL,
    accounts MEDIUMTEXT NULL,
    created_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    revoked_at DATETIME(6) NULL,
    last_used_at DATETIME(6) NULL,
    PRIMARY KEY (org_id, key_id),
    UNIQUE KEY api_key_hash (hash),
    KEY api_key_of_member (org_id, issued_by),
    CONSTRAINT api_key_member FOREIGN KEY (org_id, issued_by) REFERENCES member (org_id, user_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- One open set-up link a member: a new one ends the one before.
CREATE TABLE invitation (
    org_id BINARY(16) NOT NULL,
    user_id BINARY(16) NOT NULL,
    hash BINARY(32) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    used_at DATETIME(6) NULL,
    PRIMARY KEY (org_id, user_id),
    UNIQUE KEY invitation_hash (hash),
    CONSTRAINT invitation_member FOREIGN KEY (org_id, user_id) REFERENCES member (org_id, user_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
