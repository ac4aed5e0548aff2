-- What was promised when a recommendation was marked as implemented, frozen, and what scans found of it since.
CREATE TABLE saving_entry (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    account_id INTEGER NOT NULL,
    recommendation_id BLOB NOT NULL CHECK (length(recommendation_id) = 16),
    implemented_at TEXT NOT NULL,
    implemented_by BLOB NOT NULL CHECK (length(implemented_by) = 16),
    note TEXT NULL CHECK (length(note) <= 1000),
    verification TEXT NOT NULL CHECK (length(verification) <= 16),
    realised INTEGER NOT NULL,
    peak INTEGER NOT NULL,
    remaining INTEGER NULL,
    reason TEXT NULL CHECK (length(reason) <= 32),
    verified_at TEXT NULL,
    booked_until TEXT NOT NULL,
    closed_at TEXT NULL,
    counted_with BLOB NULL CHECK (length(counted_with) = 16),
    body TEXT NOT NULL,
    PRIMARY KEY (org_id, account_id, recommendation_id, implemented_at),
    CONSTRAINT saving_entry_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT;

CREATE INDEX saving_entry_newest ON saving_entry (org_id, implemented_at, recommendation_id);

-- Days (UTC) of an entry: seconds counted, what was promised for them, and what came.
CREATE TABLE saving_day (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    account_id INTEGER NOT NULL,
    recommendation_id BLOB NOT NULL CHECK (length(recommendation_id) = 16),
    implemented_at TEXT NOT NULL,
    day TEXT NOT NULL,
    implemented_by BLOB NOT NULL CHECK (length(implemented_by) = 16),
    seconds INTEGER NOT NULL,
    estimated INTEGER NOT NULL,
    realised INTEGER NOT NULL,
    PRIMARY KEY (org_id, account_id, recommendation_id, implemented_at, day),
    CONSTRAINT saving_day_of FOREIGN KEY (org_id, account_id, recommendation_id, implemented_at) REFERENCES saving_entry (org_id, account_id, recommendation_id, implemented_at)
) STRICT;

CREATE INDEX saving_day_day ON saving_day (org_id, day);

-- How an account stood at the end of each day (UTC) on which it was scanned. Months of 730 hours.
CREATE TABLE saving_history (
    org_id BLOB NOT NULL CHECK (length(org_id) = 16),
    account_id INTEGER NOT NULL,
    day TEXT NOT NULL,
    possible INTEGER NOT NULL,
    possible_after_discounts INTEGER NULL,
    realised INTEGER NOT NULL,
    spend INTEGER NULL,
    optimisable_spend INTEGER NULL,
    PRIMARY KEY (org_id, account_id, day),
    CONSTRAINT saving_history_account FOREIGN KEY (org_id, account_id) REFERENCES account (org_id, account_id)
) STRICT;

CREATE INDEX saving_history_day ON saving_history (org_id, day);
