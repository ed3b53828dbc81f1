-- Whatever was closed before is looked at when the shorter time for which anything is kept is over: then it is erased, or
-- looked at again on its own day.

INSERT INTO jobs (kind, subject, due_at, turn, attempts)
SELECT 'erase', case_id, strftime('%Y-%m-%d 17:00:00.000000', max(day), '+1 year'), 1, 0 FROM case_events
WHERE to_state = 'CLOSED' AND from_state <> 'CLOSED'
    AND case_id IN (SELECT id FROM cases WHERE state = 'CLOSED')
GROUP BY case_id;

-- What was brought goes with the keys of an erased case, and in no other way.

DROP TRIGGER files_stay;

CREATE TRIGGER files_stay BEFORE DELETE ON files
WHEN OLD.seq IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'kentongan: what was brought never goes')
    WHERE NOT EXISTS (SELECT 1 FROM cases WHERE id = OLD.complaint_id AND state = 'PURGED');
END;

DROP TRIGGER file_chunks_stay;

CREATE TRIGGER file_chunks_stay BEFORE DELETE ON file_chunks
BEGIN
    SELECT RAISE(ABORT, 'kentongan: what was brought never goes')
    WHERE EXISTS (
        SELECT 1 FROM files WHERE id = OLD.file_id AND seq IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM cases WHERE id = files.complaint_id AND state = 'PURGED'));
END;

-- Nobody seals anything anew of what was erased, nor keeps its ledger key again.

CREATE TRIGGER sealed_keys_erased BEFORE INSERT ON sealed_keys
WHEN NEW.kind IN ('case', 'thread')
BEGIN
    SELECT RAISE(ABORT, 'kentongan: a key of what was erased')
    WHERE EXISTS (SELECT 1 FROM cases WHERE id = NEW.object AND state = 'PURGED');
END;

CREATE TRIGGER ledger_keys_erased BEFORE INSERT ON ledger_keys
BEGIN
    SELECT RAISE(ABORT, 'kentongan: a key of what was erased')
    WHERE EXISTS (SELECT 1 FROM cases WHERE id = NEW.complaint_id AND state = 'PURGED');
END;
