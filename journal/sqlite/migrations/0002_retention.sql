-- +goose Up

-- Events that are not newer than the mark in meta: whether they were told before has been forgotten. A table of its own,
-- because a new column of events would come to stand behind the body, so that every list had to read past it.
CREATE TABLE too_old (
  event INTEGER PRIMARY KEY REFERENCES events (number) -- what is too old
);

-- What seen and messages remember, in the order of events, so that the oldest can be forgotten. It outlives its events.
CREATE TABLE memory (
  event       INTEGER PRIMARY KEY, -- number of the event
  fingerprint BLOB,                -- its key in seen
  message     INTEGER,             -- its key in messages, when it was the first event that had it
  received    INTEGER NOT NULL,    -- when the event came
  occurred    INTEGER              -- its time stamp, or when it came if that was earlier
);
INSERT INTO memory (event, fingerprint, received, occurred)
  SELECT e.number, s.fingerprint, e.received, min(e.occurred, e.received)
  FROM seen s JOIN events e ON e.number = s.event ORDER BY e.number;
INSERT INTO memory (event, message, received, occurred)
  SELECT e.number, m.hash, e.received, min(e.occurred, e.received)
  FROM messages m JOIN events e ON e.number = m.event WHERE true
  ON CONFLICT (event) DO UPDATE SET message = excluded.message;

-- What was in a backup that was restored: everything up to its last event may have been told since it was made.
CREATE TABLE restorations (
  last INTEGER NOT NULL, -- number of the newest event in it
  made INTEGER NOT NULL  -- when the backup was made
);

ALTER TABLE deliveries ADD COLUMN restored INTEGER; -- a backup made then was restored before it ended
ALTER TABLE deliveries ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0; -- 1: told before all else of its target
CREATE INDEX deliveries_urgent ON deliveries (target, event) WHERE state = 'pending' AND urgent = 1;

ALTER TABLE deliveries ADD COLUMN double INTEGER NOT NULL DEFAULT 0; -- 1: an effect that told it was told again, and could still appear

ALTER TABLE effects ADD COLUMN double INTEGER NOT NULL DEFAULT 0; -- 1: it was told again and could still appear, or was begun without knowing whether it is there

-- Like events_of_entity: an event comes into it when it is planned.
CREATE INDEX events_received ON events (received, number) WHERE planned = 1;
-- Takes the place of deliveries_claimed. An effect goes with the last delivery that names it.
CREATE INDEX deliveries_of_effect ON deliveries (effect) WHERE effect IS NOT NULL;
DROP INDEX deliveries_claimed;
-- Those that a later attempt can have taken the place of, so that no delivery names them.
CREATE INDEX effects_void ON effects (started) WHERE outcome IN ('refused', 'did-not');
CREATE INDEX effects_double ON effects (number) WHERE double = 1;
