-- How often a render was looked for since it might have expired: one look decides nothing.
ALTER TABLE execution ADD COLUMN overdue_looks BIGINT NOT NULL DEFAULT 0;
