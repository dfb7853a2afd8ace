-- +goose Up

-- When events may have been missed, and what became of that. Retention leaves it alone.
CREATE TABLE gaps (
  number   INTEGER PRIMARY KEY AUTOINCREMENT, -- order of recording
  cause    TEXT    NOT NULL, -- missing, down, refused, chain
  types    TEXT    NOT NULL, -- JSON list of the types that were missed, empty list is all
  kind     TEXT    NOT NULL, -- of the entity of a broken chain, else empty
  entity   TEXT    NOT NULL, -- its id in lower case, else empty
  detail   TEXT    NOT NULL, -- why, in plain words
  since    INTEGER NOT NULL, -- the first moment at which an event could be missed
  until    INTEGER,          -- the last one, NULL while it goes on
  due      INTEGER,          -- of a broken chain: when it is looked at again
  event    INTEGER NOT NULL, -- of a broken chain: the event that does not follow, else 0
  base     INTEGER NOT NULL, -- of a broken chain: number of the event that the state before it is of, 0 is none
  known    BLOB,             -- of a broken chain: what of that state it does not follow, JSON
  closed   INTEGER,          -- when it was dealt with, NULL while it is open
  sweep    INTEGER NOT NULL, -- the sweep that closed it, 0 is none
  found    TEXT    NOT NULL  -- of a broken chain: what became of it, in plain words
);
CREATE INDEX gaps_open ON gaps (number) WHERE closed IS NULL;
CREATE INDEX gaps_due ON gaps (due) WHERE closed IS NULL AND due IS NOT NULL;

-- How often a field of a kind of entity was seen to change without an event, though nothing was missed.
CREATE TABLE silent (
  kind  TEXT    NOT NULL, -- Project, Task ...
  field TEXT    NOT NULL, -- as sent
  times INTEGER NOT NULL, -- entities and moments
  PRIMARY KEY (kind, field)
) WITHOUT ROWID;

-- Readings of the whole tenant. At most one has no end.
CREATE TABLE sweeps (
  number    INTEGER PRIMARY KEY AUTOINCREMENT, -- order of beginning
  mode      TEXT    NOT NULL, -- baseline, recover, known, dry
  stage     TEXT    NOT NULL, -- lists, projects, absent, again
  began     INTEGER NOT NULL, -- before its first request
  ended     INTEGER,          -- NULL while it goes on
  since     INTEGER,          -- the first moment of all gaps that it closes
  until     INTEGER,          -- the last one
  progress  TEXT    NOT NULL  -- JSON: what was read and found so far
);
CREATE UNIQUE INDEX sweeps_open ON sweeps (ended IS NULL) WHERE ended IS NULL;

-- Projects whose tasks and key dates a sweep has to read, in their first reading or in the round that reads again.
CREATE TABLE visits (
  id   TEXT PRIMARY KEY, -- the project's, in lower case
  name TEXT NOT NULL,    -- the id as sent
  done INTEGER NOT NULL  -- 1: read
) WITHOUT ROWID;
CREATE INDEX visits_open ON visits (id) WHERE done = 0;

-- Entities whose reading differs from what is known, until a second reading says the same.
CREATE TABLE suspects (
  key         TEXT    PRIMARY KEY, -- the id in lower case
  sort        TEXT    NOT NULL, -- changed, new, absent
  kind        TEXT    NOT NULL, -- Project, Task ...
  id          TEXT    NOT NULL, -- as sent
  name        TEXT    NOT NULL, -- as read
  parent_kind TEXT    NOT NULL, -- of tasks and key dates
  parent_id   TEXT    NOT NULL, -- of tasks and key dates
  attributes  BLOB,             -- as read first, spelled as in webhooks
  read        INTEGER NOT NULL, -- the vendor's clock then
  seen        INTEGER NOT NULL, -- our clock then
  occurred    INTEGER,          -- version of the state that it differs from, NULL when nothing was known
  number      INTEGER NOT NULL, -- the same
  agreed      INTEGER NOT NULL  -- 1: a second reading said the same
) WITHOUT ROWID;
CREATE INDEX suspects_of_project ON suspects (parent_id COLLATE NOCASE);

-- What the last sweep that met an entity saw. Apart from entities, whose rows end with long attributes.
CREATE TABLE sightings (
  key    TEXT    PRIMARY KEY, -- the id in lower case
  sweep  INTEGER NOT NULL, -- the last one that saw it, or could not look
  hidden INTEGER,          -- since when it is no longer visible, NULL while it is
  number INTEGER NOT NULL  -- of its state then: a newer one shows that it is there
) WITHOUT ROWID;

-- Events that nobody sent: found by comparing.
CREATE TABLE recovered (
  event    INTEGER PRIMARY KEY REFERENCES events (number), -- the event
  entity   TEXT    NOT NULL, -- the entity's id in lower case
  occurred INTEGER NOT NULL, -- its time stamp
  since    INTEGER NOT NULL, -- when events began to be missing, 0 when that is not known
  until    INTEGER NOT NULL  -- when that ended, 0 when it is not known
);
CREATE INDEX recovered_of_entity ON recovered (entity, occurred);
