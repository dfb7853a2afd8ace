-- +goose Up

-- Times are microseconds since 1970 UTC, NULL where there is none. Ids are UUIDv7 in 16 bytes.

-- What the file says about itself.
CREATE TABLE meta (
  name  TEXT PRIMARY KEY, -- tenant, probe
  value TEXT NOT NULL     -- its text
) WITHOUT ROWID;

-- Every authentic request, as received. Rows are appended, and change once more when they are planned. There is no
-- unique index on random keys here: each event would dirty two random pages of a large index (see seen).
CREATE TABLE events (
  number      INTEGER PRIMARY KEY AUTOINCREMENT, -- order of commit, never given twice, never leaves the house
  id          BLOB NOT NULL,    -- the name that leaves the house
  type        TEXT NOT NULL,    -- Project:Updated, empty when unknown
  message_id  TEXT NOT NULL,    -- the sender's, any text, may be empty or repeated
  webhook_id  TEXT NOT NULL,    -- the registration that delivered it
  entity_kind TEXT NOT NULL,    -- Project, Task ...
  entity_id   TEXT NOT NULL COLLATE NOCASE, -- the vendor's, compared without case
  entity_name TEXT NOT NULL,    -- after the change, as people typed it
  parent_kind TEXT NOT NULL,    -- of tasks and key dates
  parent_id   TEXT NOT NULL,    -- of tasks and key dates
  parent_name TEXT NOT NULL,    -- mostly empty: it is not sent
  initiator   TEXT NOT NULL,    -- full name, for lists
  occurred    INTEGER,          -- the sender's time stamp
  received    INTEGER NOT NULL, -- when it came
  quarantine  TEXT NOT NULL,    -- why the body could not be read, empty when it could
  planned     INTEGER NOT NULL, -- 1: deliveries and verdicts are decided, or it is in quarantine
  reused      INTEGER NOT NULL, -- 1: another event had used its message id
  late        INTEGER NOT NULL, -- 1: newer changes of the entity were known when it was planned
  dict        INTEGER NOT NULL, -- how the body is stored: 0 as it is, else S2 with the dictionary of this number
  body        BLOB NOT NULL     -- last, so that lists need not read past it
);
CREATE INDEX events_unplanned ON events (number) WHERE planned = 0;
CREATE INDEX events_quarantined ON events (number) WHERE quarantine <> '';
-- An event comes into this one when it is planned: its pages are random, and whoever waits for an append need not wait
-- for them.
CREATE INDEX events_of_entity ON events (entity_id, number) WHERE planned = 1;

-- What tells a repetition. Apart from events, so that it stays small and can be trimmed on its own.
CREATE TABLE seen (
  fingerprint BLOB PRIMARY KEY, -- its first 16 bytes
  event       INTEGER NOT NULL  -- number of the event
) WITHOUT ROWID;

-- What tells that a message id was used again. Ids can be of any length, so a hash stands for them.
CREATE TABLE messages (
  hash  INTEGER PRIMARY KEY, -- first 8 bytes of the SHA-256 of the message id
  event INTEGER NOT NULL     -- number of the first event that had it
);

-- The queue of every target that has, or had, deliveries.
CREATE TABLE targets (
  name     TEXT PRIMARY KEY,            -- a channel, a tab, a file
  take     INTEGER NOT NULL DEFAULT 0,  -- most deliveries in one effect, 0 is no limit
  plain    INTEGER NOT NULL DEFAULT 0,  -- 1: the next effect is composed in its plainest form
  failures INTEGER NOT NULL DEFAULT 0,  -- in a row
  hold     TEXT    NOT NULL DEFAULT '', -- paused, parked, stopped
  until    INTEGER,                     -- the next try
  reason   TEXT    NOT NULL DEFAULT ''  -- of the hold
) WITHOUT ROWID;

-- One write to the outside each, from its intent to its end. The row of an open effect is the claim.
CREATE TABLE effects (
  number     INTEGER PRIMARY KEY,         -- order of beginning
  id         BLOB    NOT NULL UNIQUE,     -- carried by what is written
  target     TEXT    NOT NULL REFERENCES targets (name), -- where it is written
  deliveries TEXT    NOT NULL,            -- JSON list of the deliveries it claimed, in order
  events     BLOB    NOT NULL,            -- ids of the events it tells, one after the other
  started    INTEGER NOT NULL,            -- committed before anything was sent
  unsure     INTEGER NOT NULL DEFAULT 0,  -- 1: nobody knew at some time what became of it
  ended      INTEGER,                     -- the ambiguous answer, or the settlement
  outcome    TEXT CHECK (outcome IN ('told', 'refused', 'did-not', 'abandoned')), -- NULL while it is open
  reason     TEXT    NOT NULL DEFAULT '', -- of every outcome but told
  receipt    TEXT    NOT NULL DEFAULT '', -- where the write can be found
  content    BLOB    NOT NULL             -- frozen by the sink
);
CREATE UNIQUE INDEX effects_open ON effects (target) WHERE outcome IS NULL;

-- One event that is to be told to one target.
CREATE TABLE deliveries (
  id         INTEGER PRIMARY KEY,           -- order of planning
  event      INTEGER NOT NULL REFERENCES events (number), -- what is told
  target     TEXT    NOT NULL REFERENCES targets (name),  -- where: a channel, a tab, a file
  generation INTEGER NOT NULL DEFAULT 1,    -- a repetition on request raises it
  route      TEXT    NOT NULL,              -- the route that decided it
  state      TEXT    NOT NULL DEFAULT 'pending'
    CHECK (state IN ('pending', 'claimed', 'unsure', 'delivered', 'skipped', 'buried')), -- claimed: pending, in an open effect
  reason     TEXT    NOT NULL DEFAULT '',   -- of the state
  attempts   INTEGER NOT NULL DEFAULT 0,    -- effects that have claimed it
  effect     INTEGER REFERENCES effects (number), -- the last of them
  changed    INTEGER NOT NULL,              -- when its state or reason was set
  UNIQUE (event, target, generation)
);
CREATE INDEX deliveries_waiting ON deliveries (target, event) WHERE state = 'pending';
CREATE INDEX deliveries_claimed ON deliveries (effect) WHERE state IN ('claimed', 'unsure');
CREATE INDEX deliveries_by_state ON deliveries (state, event);

-- Why a route did not take an event.
CREATE TABLE verdicts (
  event  INTEGER NOT NULL REFERENCES events (number), -- what was not taken
  place  INTEGER NOT NULL, -- order of the routes
  route  TEXT    NOT NULL, -- empty: everybody
  reason TEXT    NOT NULL, -- in plain words
  PRIMARY KEY (event, place)
) WITHOUT ROWID;

-- The newest known state of every entity.
CREATE TABLE entities (
  key         TEXT    PRIMARY KEY, -- the id in lower case
  kind        TEXT    NOT NULL,    -- Project, Task ...
  id          TEXT    NOT NULL,    -- as sent
  name        TEXT    NOT NULL,    -- as people typed it
  parent_kind TEXT    NOT NULL,    -- of tasks and key dates
  parent_id   TEXT    NOT NULL,    -- of tasks and key dates
  parent_name TEXT    NOT NULL,    -- where it is known
  occurred    INTEGER NOT NULL,    -- of the event that set it, bounded by when it was received
  number      INTEGER NOT NULL,    -- of the event that set it
  deleted     INTEGER NOT NULL,    -- 1: the entity was deleted
  attributes  BLOB                 -- JSON as sent
);
