-- Whatever was closed before is looked at when the shorter time for which anything is kept is over: then it is erased, or
-- looked at again on its own day.

INSERT INTO jobs (kind, subject, due_at, turn, attempts)
SELECT 'erase', case_id, (max(day) + interval '1 year' + time '17:00') AT TIME ZONE 'UTC', 1, 0 FROM case_events
WHERE to_state = 'CLOSED' AND from_state <> 'CLOSED'
    AND case_id IN (SELECT id FROM cases WHERE state = 'CLOSED')
GROUP BY case_id;

-- What was brought goes with the keys of an erased case, and in no other way.

CREATE OR REPLACE FUNCTION keep_brought_file() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.seq IS NOT NULL AND NOT EXISTS (SELECT FROM cases WHERE id = OLD.complaint_id AND state = 'PURGED') THEN
        RAISE EXCEPTION 'kentongan: what was brought never goes' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;

CREATE OR REPLACE FUNCTION keep_brought_chunk() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    file record;
BEGIN
    SELECT seq, complaint_id INTO file FROM files WHERE id = OLD.file_id FOR SHARE;
    IF file.seq IS NOT NULL AND NOT EXISTS (SELECT FROM cases WHERE id = file.complaint_id AND state = 'PURGED') THEN
        RAISE EXCEPTION 'kentongan: what was brought never goes' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;

-- Nobody seals anything anew of what was erased, nor keeps its ledger key again. The case is held: whoever erases it at
-- this moment is waited for, or waits, and finds this row.

CREATE FUNCTION bar_key_of_erased() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    standing record;
BEGIN
    IF NEW.kind NOT IN ('case', 'thread') THEN
        RETURN NEW;
    END IF;
    SELECT state INTO standing FROM cases WHERE id = NEW.object FOR SHARE;
    IF standing.state = 'PURGED' THEN
        RAISE EXCEPTION 'kentongan: a key of what was erased' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION bar_ledger_key_of_erased() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    standing record;
BEGIN
    SELECT state INTO standing FROM cases WHERE id = NEW.complaint_id FOR SHARE;
    IF standing.state = 'PURGED' THEN
        RAISE EXCEPTION 'kentongan: a key of what was erased' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER sealed_keys_erased BEFORE INSERT ON sealed_keys
    FOR EACH ROW EXECUTE FUNCTION bar_key_of_erased();
CREATE TRIGGER ledger_keys_erased BEFORE INSERT ON ledger_keys
    FOR EACH ROW EXECUTE FUNCTION bar_ledger_key_of_erased();
