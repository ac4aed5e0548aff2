-- Sign-in of local users, sessions, API keys, set-up links. Of passwords, cookies, keys and links only hashes are kept.

ALTER TABLE member ADD COLUMN signed_out_at TEXT NULL;
ALTER TABLE member ADD COLUMN erased_at TEXT NULL;

-- totp_seed is sealed before it comes here and counts once totp_since is set. A step of time serves once.
CREATE TABLE credential (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    user_id BLOB NOT NULL CHECK (length(user_id) = 16),
    password_hash TEXT NOT NULL CHECK (length(password_hash) <= 255),
    changed_at TEXT NOT NULL,
    totp_seed BLOB NULL CHECK (length(totp_seed) <= 512),
    totp_since TEXT NULL,
    totp_last_step INTEGER NULL,
    PRIMARY KEY (org_id, user_id),
    CONSTRAINT credential_member FOREIGN KEY (org_id, user_id) REFERENCES member (org_id, user_id)
) STRICT;

-- Keyed by a hash of organisation and name, known or not: both must behave alike.
CREATE TABLE sign_in_attempt (
    name_hash BLOB NOT NULL CHECK (length(name_hash) = 32),
    failures INTEGER NOT NULL,
    last_at TEXT NOT NULL,
    PRIMARY KEY (name_hash)
) STRICT;
CREATE INDEX sign_in_attempt_last ON sign_in_attempt (last_at);

CREATE TABLE session (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    session_id BLOB NOT NULL CHECK (length(session_id) = 16),
    user_id BLOB NOT NULL CHECK (length(user_id) = 16),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    created_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    ip TEXT NULL CHECK (length(ip) <= 45),
    user_agent TEXT NULL CHECK (length(user_agent) <= 256),
    PRIMARY KEY (org_id, session_id),
    CONSTRAINT session_hash UNIQUE (hash),
    CONSTRAINT session_member FOREIGN KEY (org_id, user_id) REFERENCES member (org_id, user_id)
) STRICT;
CREATE INDEX session_of_member ON session (org_id, user_id);
CREATE INDEX session_end ON session (expires_at);

-- Bearer tokens that were signed out before their end. The fingerprint is that of what was signed.
CREATE TABLE ended_token (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    expires_at TEXT NOT NULL,
    PRIMARY KEY (org_id, fingerprint),
    CONSTRAINT ended_token_organization FOREIGN KEY (org_id) REFERENCES organization (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX ended_token_end ON ended_token (expires_at);

-- accounts: a list, or empty for all that the issuer sees.
CREATE TABLE api_key (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    key_id BLOB NOT NULL CHECK (length(key_id) = 16),
    issued_by BLOB NOT NULL CHECK (length(issued_by) = 16),
    name TEXT NOT NULL CHECK (length(name) <= 190),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    shown TEXT NOT NULL CHECK (length(shown) <= 16),
    role TEXT NOT NULL CHECK (length(role) <= 32),
    scopes TEXT NOT NULL,
    accounts TEXT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT NULL,
    last_used_at TEXT NULL,
    PRIMARY KEY (org_id, key_id),
    CONSTRAINT api_key_hash UNIQUE (hash),
    CONSTRAINT api_key_member FOREIGN KEY (org_id, issued_by) REFERENCES member (org_id, user_id)
) STRICT;
CREATE INDEX api_key_of_member ON api_key (org_id, issued_by);

-- One open set-up link a member: a new one ends the one before.
CREATE TABLE invitation (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    user_id BLOB NOT NULL CHECK (length(user_id) = 16),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT NULL,
    PRIMARY KEY (org_id, user_id),
    CONSTRAINT invitation_hash UNIQUE (hash),
    CONSTRAINT invitation_member FOREIGN KEY (org_id, user_id) REFERENCES member (org_id, user_id)
) STRICT;
