-- Data keys of the organisations, wrapped by a master key. current_slot is 1 for the one that seals and empty
-- for those that only open: the constraint lets an organisation have one current key.
CREATE TABLE data_key (
    org_id BINARY(16) NOT NULL,
    key_id BINARY(16) NOT NULL,
    current_slot BIGINT NULL,
    wrapped VARBINARY(1024) NOT NULL,
    master_key_id VARCHAR(255) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    retired_at DATETIME(6) NULL,
    PRIMARY KEY (org_id, key_id),
    UNIQUE KEY data_key_current (org_id, current_slot),
    KEY data_key_master (master_key_id),
    CONSTRAINT data_key_organization FOREIGN KEY (org_id) REFERENCES organization (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- The customer's own KMS key. Empty means the server's master key.
ALTER TABLE organization ADD COLUMN kms_key VARCHAR(255) NULL;
