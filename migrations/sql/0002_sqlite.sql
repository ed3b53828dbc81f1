-- Whatever has a deadline already is looked at when it has passed: at 17:00 UTC of its last day it is midnight where
-- Indonesia's days end last (WIB); a look that comes an hour or two late does no harm.

INSERT INTO jobs (kind, subject, due_at, turn, attempts)
SELECT 'clock', id, strftime('%Y-%m-%d 17:00:00.000000', due), 1, 0 FROM cases WHERE due IS NOT NULL;

-- What was noted about a day is never rewritten.

CREATE TRIGGER decrees_continue BEFORE INSERT ON decrees
BEGIN
    SELECT RAISE(ABORT, 'kentongan: not the next note')
    WHERE NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM decrees WHERE day = NEW.day);
END;

CREATE TRIGGER decrees_keep BEFORE UPDATE ON decrees
BEGIN
    SELECT RAISE(ABORT, 'kentongan: what was decreed never changes');
END;

CREATE TRIGGER decrees_stay BEFORE DELETE ON decrees
BEGIN
    SELECT RAISE(ABORT, 'kentongan: what was decreed never goes');
END;

-- Whoever wrote a complaint down neither reads its case, nor acts on it, nor is given a key; and who it was never changes.

CREATE TRIGGER access_events_channel BEFORE INSERT ON access_events
BEGIN
    SELECT RAISE(ABORT, 'kentongan: read by whoever wrote it down')
    WHERE EXISTS (SELECT 1 FROM cases WHERE id = NEW.case_id AND channel_id = NEW.officer_id);
END;

CREATE TRIGGER case_events_channel BEFORE INSERT ON case_events
WHEN NEW.actor_id IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'kentongan: acted on by whoever wrote it down')
    WHERE EXISTS (SELECT 1 FROM cases WHERE id = NEW.case_id AND channel_id = NEW.actor_id);
END;

CREATE TRIGGER cases_channel BEFORE UPDATE ON cases
WHEN NEW.channel_id IS NOT OLD.channel_id
BEGIN
    SELECT RAISE(ABORT, 'kentongan: what the lodging said never changes');
END;

CREATE TRIGGER sealed_keys_channel BEFORE INSERT ON sealed_keys
WHEN NEW.kind IN ('case', 'thread')
BEGIN
    SELECT RAISE(ABORT, 'kentongan: a key for whoever wrote it down')
    WHERE EXISTS (SELECT 1 FROM cases WHERE id = NEW.object AND NEW.recipient = 'officer:' || channel_id);
END;

CREATE TRIGGER sealed_keys_channel_again BEFORE UPDATE ON sealed_keys
WHEN NEW.kind IN ('case', 'thread')
BEGIN
    SELECT RAISE(ABORT, 'kentongan: a key for whoever wrote it down')
    WHERE EXISTS (SELECT 1 FROM cases WHERE id = NEW.object AND NEW.recipient = 'officer:' || channel_id);
END;
