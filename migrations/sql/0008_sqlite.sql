-- Why a file was opened. What was opened before has no reason, and its hash was made of none: the column is added in place,
-- and no row is touched. From now on a file is opened for one of these, and nothing else has any.

ALTER TABLE access_events ADD COLUMN reason VARCHAR(16);

CREATE TRIGGER access_events_reason BEFORE INSERT ON access_events
BEGIN
    SELECT RAISE(ABORT, 'kentongan: a file is opened for a reason, and nothing else is')
    WHERE CASE WHEN substr(NEW.what, 1, 5) = 'file:'
        THEN coalesce(NEW.reason, '') NOT IN (
            'examine', 'compare', 'conclude', 'review', 'request', 'export', 'transfer')
        ELSE NEW.reason IS NOT NULL END;
END;
