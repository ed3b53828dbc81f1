-- Whatever has a deadline already is looked at when it has passed: at 17:00 UTC of its last day it is midnight where
-- Indonesia's days end last (WIB); a look that comes an hour or two late does no harm.

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

-- Whoever wrote a complaint down neither reads its case, nor acts on it, nor is given a key; and who it was never changes.

CREATE FUNCTION bar_reading() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM cases WHERE id = NEW.case_id AND channel_id = NEW.officer_id) THEN
        RAISE EXCEPTION 'kentongan: read by whoever wrote it down' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION bar_channel() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM cases WHERE id = NEW.case_id AND channel_id = NEW.actor_id) THEN
        RAISE EXCEPTION 'kentongan: acted on by whoever wrote it down' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION keep_channel() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.channel_id IS DISTINCT FROM OLD.channel_id THEN
        RAISE EXCEPTION 'kentongan: what the lodging said never changes'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION keep_from_channel() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.kind IN ('case', 'thread') AND EXISTS (
        SELECT FROM cases WHERE id = NEW.object AND NEW.recipient = 'officer:' || channel_id
    ) THEN
        RAISE EXCEPTION 'kentongan: a key for whoever wrote it down' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER access_events_channel BEFORE INSERT ON access_events
    FOR EACH ROW EXECUTE FUNCTION bar_reading();
CREATE TRIGGER case_events_channel BEFORE INSERT ON case_events
    FOR EACH ROW EXECUTE FUNCTION bar_channel();
CREATE TRIGGER cases_channel BEFORE UPDATE ON cases
    FOR EACH ROW EXECUTE FUNCTION keep_channel();
CREATE TRIGGER sealed_keys_channel BEFORE INSERT ON sealed_keys
    FOR EACH ROW EXECUTE FUNCTION keep_from_channel();
CREATE TRIGGER sealed_keys_channel_again BEFORE UPDATE ON sealed_keys
    FOR EACH ROW EXECUTE FUNCTION keep_from_channel();
