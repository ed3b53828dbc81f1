-- Whatever has a deadline already is looked at when it has passed: at midnight in Jawa, 17:00 UTC of its last day.

INSERT INTO jobs (kind, subject, due_at, turn, attempts)
SELECT 'clock', id, (due + time '17:00') AT TIME ZONE 'UTC', 1, 0 FROM cases WHERE due IS NOT NULL;

-- What was noted about a day is never rewritten.

CREATE FUNCTION continue_decrees() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.seq IS DISTINCT FROM (SELECT coalesce(max(seq), 0) + 1 FROM decrees WHERE day = NEW.day) THEN
        RAISE EXCEPTION 'kentongan: not the next note' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER decrees_continue BEFORE INSERT ON decrees
    FOR EACH ROW EXECUTE FUNCTION continue_decrees();
CREATE TRIGGER decrees_keep BEFORE UPDATE ON decrees
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();
CREATE TRIGGER decrees_stay BEFORE DELETE OR TRUNCATE ON decrees
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();
