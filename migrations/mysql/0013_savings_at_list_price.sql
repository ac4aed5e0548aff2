-- What counts at list price, beside what counts after discounts: until now both were the same.
ALTER TABLE recommendation ADD COLUMN listed BIGINT NOT NULL DEFAULT 0;
UPDATE recommendation SET listed = counted;
ALTER TABLE savings_rollup ADD COLUMN listed BIGINT NOT NULL DEFAULT 0;
UPDATE savings_rollup SET listed = counted;
