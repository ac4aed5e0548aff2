-- The audit. Rows of audit_entry are written once and never changed, audit_head holds where each chain ends, and
-- the last entry that was deleted when its time was over. An organisation of zeros owns what belongs to nobody
-- yet, so nothing here refers to organization.

CREATE TABLE audit_head (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    floor_sequence INTEGER NOT NULL,
    floor_hash BLOB NOT NULL CHECK (length(floor_hash) = 32),
    PRIMARY KEY (org_id)
) STRICT, WITHOUT ROWID;

-- at_micros is the number that is hashed, and it stands in every index of what may be ten million rows.
CREATE TABLE audit_entry (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    sequence INTEGER NOT NULL,
    at_micros INTEGER NOT NULL,
    actor_kind TEXT NOT NULL CHECK (length(actor_kind) <= 16),
    user_id BLOB NULL CHECK (length(user_id) = 16),
    api_key_id BLOB NULL CHECK (length(api_key_id) = 16),
    action TEXT NOT NULL CHECK (length(action) <= 96),
    account_id INTEGER NULL,
    target TEXT NULL CHECK (length(target) <= 255),
    phase TEXT NOT NULL CHECK (length(phase) <= 16),
    outcome TEXT NOT NULL CHECK (length(outcome) <= 16),
    status INTEGER NULL,
    code TEXT NULL CHECK (length(code) <= 48),
    detail TEXT NULL CHECK (length(detail) <= 255),
    request_id BLOB NULL CHECK (length(request_id) = 16),
    intent INTEGER NULL,
    origin BLOB NULL CHECK (length(origin) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (org_id, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_entry_time ON audit_entry (org_id, at_micros, sequence);
CREATE INDEX audit_entry_user ON audit_entry (org_id, user_id, at_micros, sequence);
CREATE INDEX audit_entry_account ON audit_entry (org_id, account_id, at_micros, sequence);
CREATE INDEX audit_entry_action ON audit_entry (org_id, action, at_micros, sequence);
CREATE INDEX audit_entry_outcome ON audit_entry (org_id, outcome, at_micros, sequence);

-- Personal data, one row for many entries: an entry holds the digest. Deleted with the person.
CREATE TABLE audit_origin (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    user_id BLOB NULL CHECK (length(user_id) = 16),
    at_micros INTEGER NOT NULL,
    salt BLOB NOT NULL CHECK (length(salt) = 16),
    ip TEXT NULL CHECK (length(ip) <= 45),
    user_agent TEXT NULL CHECK (length(user_agent) <= 256),
    PRIMARY KEY (org_id, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_origin_user ON audit_origin (org_id, user_id);
CREATE INDEX audit_origin_time ON audit_origin (org_id, at_micros);

-- Work that one server does for all of them, once for each time that it is due.
CREATE TABLE timer (
    name TEXT NOT NULL CHECK (length(name) <= 64),
    lease_until TEXT NOT NULL,
    done_for TEXT NOT NULL,
    PRIMARY KEY (name)
) STRICT;
