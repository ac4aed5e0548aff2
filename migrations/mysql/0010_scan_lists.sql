-- Finished parts of a scan are lists of a kind, too. A part lives as long as a scan: the table is made anew.
DROP TABLE scan_part;

-- Kind is empty where it is all of the region.
CREATE TABLE scan_part (
    org_id BINARY(16) NOT NULL,
    account_id BIGINT NOT NULL,
    region VARCHAR(32) NOT NULL,
    kind VARCHAR(64) NOT NULL,
    piece BIGINT NOT NULL,
    taken_at DATETIME(6) NOT NULL,
    body MEDIUMBLOB NOT NULL,
    PRIMARY KEY (org_id, account_id, region, kind, piece),
    CONSTRAINT scan_part_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
