-- Whatever has a deadline already is looked at when it has passed: at midnight in Jawa, 17:00 UTC of its last day.

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
