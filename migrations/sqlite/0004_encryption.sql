-- Data keys of the organisations, wrapped by a master key. current_slot is 1 for the one that seals and empty
-- for those that only open: the constraint lets an organisation have one current key.
CREATE TABLE data_key (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    key_id BLOB NOT NULL CHECK (length(key_id) = 16),
    current_slot INTEGER NULL CHECK (current_slot = 1),
    wrapped BLOB NOT NULL CHECK (length(wrapped) <= 1024),
    master_key_id TEXT NOT NULL CHECK (length(master_key_id) <= 255),
    created_at TEXT NOT NULL,
    retired_at TEXT NULL,
    PRIMARY KEY (org_id, key_id),
    CONSTRAINT data_key_current UNIQUE (org_id, current_slot),
    CONSTRAINT data_key_organization FOREIGN KEY (org_id) REFERENCES organization (id)
) STRICT;
CREATE INDEX data_key_master ON data_key (master_key_id);

-- The customer's own KMS key. Empty means the server's master key.
ALTER TABLE organization ADD COLUMN kms_key TEXT NULL CHECK (length(kms_key) <= 255);
