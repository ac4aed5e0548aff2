-- Finished parts of a scan are lists of a kind, too. A part lives as long as a scan: the table is made anew.
DROP TABLE scan_part;

-- Kind is empty where it is all of the region.
CREATE TABLE scan_part (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    account_id INTEGER NOT NULL,
    region TEXT NOT NULL CHECK (length(region) <= 32),
    kind TEXT NOT NULL CHECK (length(kind) <= 64),
    piece INTEGER NOT NULL,
    taken_at TEXT NOT NULL,
    body BLOB NOT NULL CHECK (length(body) <= 1048576),
    PRIMARY KEY (org_id, account_id, region, kind, piece),
    CONSTRAINT scan_part_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT;
