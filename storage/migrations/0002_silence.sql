-- Workspaces in which Slack refuses our token: nobody can be told anything there.
CREATE TABLE silence (
  team_id TEXT PRIMARY KEY,
  reason  TEXT NOT NULL,
  since   DOUBLE PRECISION NOT NULL
);
