-- The first schema. SQL that SQLite (3.35 or newer) and PostgreSQL both run as it is.
-- Times are Unix seconds, money is micro-dollars, lists and records are JSON text.
-- `team_id` stands on every table, so that workspaces can never meet.

CREATE TABLE workspace (
  team_id        TEXT PRIMARY KEY,
  next_shot      BIGINT NOT NULL DEFAULT 1,
  paused         BIGINT NOT NULL DEFAULT 0,
  edit_window_at DOUBLE PRECISION NOT NULL DEFAULT 0,
  edits          BIGINT NOT NULL DEFAULT 0
);

-- One row a delivery of Slack's: the same delivery never counts twice.
CREATE TABLE delivery (
  key         TEXT PRIMARY KEY,
  team_id     TEXT NOT NULL,
  request_id  TEXT,
  received_at DOUBLE PRECISION NOT NULL
);

-- What a workspace (channel = '') or a channel has chosen.
CREATE TABLE setting (
  team_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  name    TEXT NOT NULL,
  value   TEXT NOT NULL,
  PRIMARY KEY (team_id, channel, name)
);

CREATE TABLE shot (
  id         TEXT PRIMARY KEY,
  team_id    TEXT NOT NULL,
  number     BIGINT NOT NULL,
  channel    TEXT NOT NULL,
  requester  TEXT NOT NULL,
  next_take  BIGINT NOT NULL DEFAULT 1,
  approved   TEXT,
  approved_by TEXT,
  broadcast  BIGINT NOT NULL DEFAULT 0,
  created_at DOUBLE PRECISION NOT NULL,
  UNIQUE (team_id, number)
);

CREATE TABLE request (
  id         TEXT PRIMARY KEY,
  team_id    TEXT NOT NULL,
  channel    TEXT NOT NULL,
  shot_id    TEXT NOT NULL REFERENCES shot (id),
  take       BIGINT NOT NULL,
  requester  TEXT NOT NULL,
  source     TEXT NOT NULL,
  work       TEXT NOT NULL,
  parent_id  TEXT,
  changed    TEXT NOT NULL,
  created_at DOUBLE PRECISION NOT NULL,
  undo_until DOUBLE PRECISION NOT NULL,
  confirmed  BIGINT NOT NULL,
  sentence   TEXT NOT NULL DEFAULT '',
  UNIQUE (shot_id, take)
);
CREATE INDEX request_by_person ON request (team_id, requester, created_at);

-- The replies that make up a take while its undo window is open.
CREATE TABLE instruction (
  team_id    TEXT NOT NULL,
  channel    TEXT NOT NULL,
  ts         TEXT NOT NULL,
  request_id TEXT NOT NULL REFERENCES request (id),
  author     TEXT NOT NULL,
  words      TEXT NOT NULL,
  image      TEXT,
  files      TEXT NOT NULL,
  PRIMARY KEY (team_id, channel, ts)
);
CREATE INDEX instruction_of_request ON instruction (request_id, ts);

-- Something unclear that may become a take when its author presses the button.
CREATE TABLE draft (
  id         TEXT PRIMARY KEY,
  team_id    TEXT NOT NULL,
  channel    TEXT NOT NULL,
  shot_id    TEXT NOT NULL REFERENCES shot (id),
  parent_id  TEXT NOT NULL,
  author     TEXT NOT NULL,
  work       TEXT NOT NULL,
  changed    TEXT NOT NULL,
  created_at DOUBLE PRECISION NOT NULL,
  estimate_micro_usd BIGINT NOT NULL,
  is_ceiling BIGINT NOT NULL
);

-- A reply to a card whose `ts` is not written down yet: read again once it is.
CREATE TABLE held_reply (
  key        TEXT PRIMARY KEY,
  team_id    TEXT NOT NULL,
  channel    TEXT NOT NULL,
  thread_ts  TEXT NOT NULL,
  reply      TEXT NOT NULL,
  held_at    DOUBLE PRECISION NOT NULL
);

CREATE TABLE execution (
  id                  TEXT PRIMARY KEY,
  request_id          TEXT NOT NULL REFERENCES request (id),
  shot_id             TEXT NOT NULL REFERENCES shot (id),
  team_id             TEXT NOT NULL,
  channel             TEXT NOT NULL,
  requester           TEXT NOT NULL,
  offer               TEXT NOT NULL,
  gateway             TEXT NOT NULL,
  work                TEXT NOT NULL,
  wished              BIGINT NOT NULL,
  state               TEXT NOT NULL,
  version             BIGINT NOT NULL,
  attempt             BIGINT NOT NULL,
  tries               BIGINT NOT NULL,
  due_at              DOUBLE PRECISION,
  owner               TEXT,
  created_at          DOUBLE PRECISION NOT NULL,
  not_before          DOUBLE PRECISION NOT NULL,
  confirmed           BIGINT NOT NULL,
  hold                TEXT,
  held_since          DOUBLE PRECISION,
  key                 TEXT,
  lease_until         DOUBLE PRECISION,
  submitted_at        DOUBLE PRECISION,
  deadline_at         DOUBLE PRECISION,
  ended_at            DOUBLE PRECISION,
  cancel_requested_at DOUBLE PRECISION,
  cancel_sent         BIGINT NOT NULL,
  remote_id           TEXT,
  handle              TEXT NOT NULL,
  links               TEXT NOT NULL,
  queue_position      BIGINT,
  fraction            DOUBLE PRECISION,
  estimate_micro_usd  BIGINT NOT NULL,
  is_ceiling          BIGINT NOT NULL,
  reserved_micro_usd  BIGINT NOT NULL,
  billed_micro_usd    BIGINT,
  month               TEXT,
  unknown_since       DOUBLE PRECISION,
  overdue_looks       BIGINT NOT NULL DEFAULT 0, -- since it might have expired: one decides nothing
  fetches_refused     BIGINT NOT NULL,
  result              TEXT,
  failure             TEXT,
  UNIQUE (gateway, remote_id)
);
-- Whole on purpose: SQLite does not use a partial index over a list of states.
CREATE INDEX execution_due ON execution (gateway, state, due_at);
CREATE INDEX execution_next ON execution (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX execution_of_request ON execution (request_id);
CREATE INDEX execution_open ON execution (team_id, state, requester);
CREATE INDEX execution_measured ON execution (offer, state, ended_at);
CREATE INDEX execution_remote ON execution (gateway, remote_id);
CREATE INDEX execution_paid ON execution (team_id, requester, month);

-- What our own executions say of an offer: weights, the newest counting most.
CREATE TABLE record (
  offer            TEXT PRIMARY KEY,
  successes        DOUBLE PRECISION NOT NULL,
  failures         DOUBLE PRECISION NOT NULL,
  durations_s      TEXT NOT NULL,
  at               DOUBLE PRECISION NOT NULL,
  last_failure     TEXT,
  last_failure_at  DOUBLE PRECISION,
  refused          TEXT,
  refused_at       DOUBLE PRECISION,
  proved_at        DOUBLE PRECISION
);

-- Exactly one row a request, written with its last transition.
CREATE TABLE outcome (
  request_id   TEXT PRIMARY KEY REFERENCES request (id),
  team_id      TEXT NOT NULL,
  execution_id TEXT NOT NULL,
  kind         TEXT NOT NULL,
  at           DOUBLE PRECISION NOT NULL,
  revised_at   DOUBLE PRECISION
);

CREATE TABLE video (
  id             TEXT PRIMARY KEY,
  team_id        TEXT NOT NULL,
  execution_id   TEXT NOT NULL REFERENCES execution (id),
  request_id     TEXT NOT NULL,
  number         BIGINT NOT NULL,
  media_key      TEXT NOT NULL,
  thumbnail_key  TEXT NOT NULL,
  sha256         TEXT NOT NULL,
  size_bytes     BIGINT NOT NULL,
  duration_s     DOUBLE PRECISION NOT NULL,
  width_px       BIGINT NOT NULL,
  height_px      BIGINT NOT NULL,
  has_sound      BIGINT NOT NULL,
  slack_file_id  TEXT,
  slack_file_ts  TEXT,
  created_at     DOUBLE PRECISION NOT NULL,
  UNIQUE (execution_id, number)
);
CREATE INDEX video_of_request ON video (request_id);

-- A picture that somebody gave us, and the links under which gateways know it.
CREATE TABLE picture (
  team_id       TEXT NOT NULL,
  slack_file_id TEXT NOT NULL,
  media_key     TEXT NOT NULL,
  media_type    TEXT NOT NULL,
  sha256        TEXT NOT NULL,
  width_px      BIGINT NOT NULL,
  height_px     BIGINT NOT NULL,
  created_at    DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (team_id, slack_file_id)
);
CREATE TABLE picture_upload (
  team_id       TEXT NOT NULL,
  slack_file_id TEXT NOT NULL,
  gateway       TEXT NOT NULL,
  url           TEXT NOT NULL,
  duration_s    DOUBLE PRECISION,
  uploaded_at   DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (team_id, slack_file_id, gateway)
);

-- What vendors' webhooks said of an attempt: an id that is asked about, never believed.
CREATE TABLE hint (
  execution_id TEXT NOT NULL REFERENCES execution (id),
  attempt      BIGINT NOT NULL,
  event        TEXT NOT NULL,
  team_id      TEXT NOT NULL,
  remote_id    TEXT,
  heard_at     DOUBLE PRECISION NOT NULL,
  acted        BIGINT NOT NULL,
  PRIMARY KEY (execution_id, attempt, event)
);

-- Who and what can be cast: the lists of an account, each as it was last read whole. `folded` is the
-- name as names are compared, `words` all that it is searched by, `place` the vendor's order.
CREATE TABLE casting (
  team_id TEXT NOT NULL,
  gateway TEXT NOT NULL,
  list    TEXT NOT NULL,
  id      TEXT NOT NULL,
  place   BIGINT NOT NULL,
  folded  TEXT NOT NULL,
  words   TEXT NOT NULL,
  entry   TEXT NOT NULL,
  PRIMARY KEY (team_id, list, id)
);
CREATE INDEX casting_by_name ON casting (team_id, list, folded);
CREATE INDEX casting_in_order ON casting (team_id, list, place);
CREATE TABLE casting_list (
  team_id TEXT NOT NULL,
  list    TEXT NOT NULL,
  gateway TEXT NOT NULL,
  digest  TEXT NOT NULL,
  read_at DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (team_id, list)
);

-- Somebody's own face or voice that is made into an avatar or a voice, with the consent to it.
CREATE TABLE likeness (
  id                 TEXT PRIMARY KEY,
  team_id            TEXT NOT NULL,
  channel            TEXT NOT NULL,
  requester          TEXT NOT NULL,
  kind               TEXT NOT NULL,
  name               TEXT NOT NULL,
  file               TEXT NOT NULL,
  consented_at       DOUBLE PRECISION NOT NULL,
  state              TEXT NOT NULL,
  version            BIGINT NOT NULL,
  due_at             DOUBLE PRECISION,
  tries              BIGINT NOT NULL,
  key                TEXT,
  submitted_at       DOUBLE PRECISION,
  doubted_at         DOUBLE PRECISION,
  remote_id          TEXT,
  month              TEXT,
  reserved_micro_usd BIGINT NOT NULL,
  billed_micro_usd   BIGINT,
  failure            TEXT
);
CREATE INDEX likeness_due ON likeness (due_at);
CREATE INDEX likeness_paid ON likeness (team_id, requester, month);

-- What only a vendor can say of voices: which fit, and how one says a sentence.
CREATE TABLE voice_question (
  id                 TEXT PRIMARY KEY,
  team_id            TEXT NOT NULL,
  channel            TEXT NOT NULL,
  requester          TEXT NOT NULL,
  wanted             TEXT NOT NULL,
  say                TEXT,
  voice_id           TEXT,
  voice_name         TEXT,
  state              TEXT NOT NULL,
  version            BIGINT NOT NULL,
  due_at             DOUBLE PRECISION,
  key                TEXT,
  month              TEXT,
  reserved_micro_usd BIGINT NOT NULL,
  billed_micro_usd   BIGINT
);
CREATE INDEX voice_question_due ON voice_question (due_at);
CREATE INDEX voice_question_paid ON voice_question (team_id, requester, month);

-- Reserved and spent money of a workspace in a month: the row that is locked when money moves.
CREATE TABLE budget (
  team_id            TEXT NOT NULL,
  month              TEXT NOT NULL,
  reserved_micro_usd BIGINT NOT NULL DEFAULT 0,
  spent_micro_usd    BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (team_id, month)
);

-- Offers whose endpoint is gone.
CREATE TABLE parking (
  offer     TEXT PRIMARY KEY,
  team_id   TEXT NOT NULL,
  reason    TEXT NOT NULL,
  parked_at DOUBLE PRECISION NOT NULL
);

-- Messages whose `ts` we keep: rendered from state whenever they are sent.
CREATE TABLE message (
  id          TEXT PRIMARY KEY,
  team_id     TEXT NOT NULL,
  channel     TEXT NOT NULL,
  kind        TEXT NOT NULL,
  shot_id     TEXT NOT NULL REFERENCES shot (id),
  request_id  TEXT,
  ts          TEXT,
  dirty       BIGINT NOT NULL DEFAULT 0,
  urgent      BIGINT NOT NULL DEFAULT 0,
  edit_due_at DOUBLE PRECISION,
  edit_tries  BIGINT NOT NULL DEFAULT 0,
  digest      TEXT,
  edited_at   DOUBLE PRECISION,
  revision    BIGINT NOT NULL DEFAULT 0,
  UNIQUE (team_id, channel, ts)
);
CREATE INDEX message_of_shot ON message (shot_id, kind);
CREATE INDEX message_of_request ON message (request_id);
CREATE INDEX message_due ON message (team_id, channel, dirty, edit_due_at);

-- One-time effects. The key tells each transition once.
CREATE TABLE outbox (
  subject_id TEXT NOT NULL,
  version    BIGINT NOT NULL,
  kind       TEXT NOT NULL,
  team_id    TEXT NOT NULL,
  channel    TEXT NOT NULL,
  shot_id    TEXT NOT NULL,
  request_id TEXT,
  payload    TEXT NOT NULL,
  phase      TEXT NOT NULL,
  in_thread  BIGINT NOT NULL,
  state      TEXT NOT NULL,
  due_at     DOUBLE PRECISION NOT NULL,
  owner      TEXT,
  intent_at  DOUBLE PRECISION,
  tries      BIGINT NOT NULL DEFAULT 0,
  refusals   BIGINT NOT NULL DEFAULT 0,
  slack_ref  TEXT,
  created_at DOUBLE PRECISION NOT NULL,
  PRIMARY KEY (subject_id, version, kind)
);
CREATE INDEX outbox_of_shot ON outbox (shot_id);
CREATE INDEX outbox_by_state ON outbox (state);
CREATE INDEX outbox_due ON outbox (team_id, channel, state, phase, due_at);
CREATE INDEX outbox_files ON outbox (phase, state, due_at);

-- One row a Slack channel, claimed to post: order and pace hold across processes.
CREATE TABLE lane (
  team_id      TEXT NOT NULL,
  channel      TEXT NOT NULL,
  due_at       DOUBLE PRECISION,
  next_send_at DOUBLE PRECISION NOT NULL DEFAULT 0,
  owner        TEXT,
  lease_until  DOUBLE PRECISION,
  PRIMARY KEY (team_id, channel)
);
CREATE INDEX lane_due ON lane (due_at);

-- Workspaces in which Slack refuses our token: nobody can be told anything there.
CREATE TABLE silence (
  team_id TEXT PRIMARY KEY,
  reason  TEXT NOT NULL,
  since   DOUBLE PRECISION NOT NULL
);
