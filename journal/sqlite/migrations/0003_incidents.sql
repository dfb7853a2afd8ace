-- +goose Up

-- What went wrong, from its beginning to its end. Apart from what retention trims.
CREATE TABLE incidents (
  id    BLOB    PRIMARY KEY, -- UUIDv7
  key   TEXT    NOT NULL,    -- what makes it the same when it comes again
  part  TEXT    NOT NULL,    -- of the relay
  title TEXT    NOT NULL,    -- what is wrong, in a few words
  why   TEXT    NOT NULL,    -- as it was known last
  since INTEGER NOT NULL,    -- when it began
  until INTEGER,             -- when it was over, NULL while it lasts
  told  INTEGER,             -- when it was handed over to be told
  event INTEGER NOT NULL,    -- number of the event that tells its beginning, 0 where none does; it may be forgotten
  notes BLOB                 -- of whoever stores it
) WITHOUT ROWID;
CREATE INDEX incidents_open ON incidents (id) WHERE until IS NULL;
CREATE INDEX incidents_of_key ON incidents (key, id);
