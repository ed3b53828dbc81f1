-- Trigger functions belong to the owner and see pg_catalog, then public, and a caller's temporary tables last.

ALTER TABLE cases ADD CONSTRAINT fk_cases_head FOREIGN KEY (id, version, state)
    REFERENCES case_events (case_id, seq, to_state) DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION refuse_write() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'kentongan: % on % is refused', lower(TG_OP), TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- An event is the next one of a case that exists, from the state the newest left, along the workflow's table.
CREATE FUNCTION continue_case() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    newest record;
    problem text;
BEGIN
    SELECT seq, to_state INTO newest FROM case_events WHERE case_id = NEW.case_id ORDER BY seq DESC LIMIT 1;
    problem := CASE
        WHEN NOT EXISTS (SELECT FROM cases WHERE id = NEW.case_id) THEN 'no such case'
        WHEN NEW.seq IS DISTINCT FROM coalesce(newest.seq, 0) + 1 THEN 'not the next event'
        WHEN NEW.seq > 1 AND NEW.prev_seq IS DISTINCT FROM NEW.seq - 1 THEN 'not the next event'
        WHEN NEW.from_state IS DISTINCT FROM coalesce(newest.to_state, 'NEW') THEN 'not from the newest state'
        WHEN NOT EXISTS (
            SELECT FROM transitions
            WHERE from_state = NEW.from_state AND to_state = NEW.to_state AND action = NEW.action
        ) THEN 'no such transition'
        WHEN NEW.actor_id IS NOT NULL AND NOT EXISTS (SELECT FROM officers WHERE id = NEW.actor_id)
            THEN 'no such officer'
        WHEN EXISTS (SELECT FROM case_events WHERE entry = NEW.entry) THEN 'this entry exists'
    END;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'kentongan: %', problem USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

-- Where the table leaves a choice, a case goes back to where it came from.
CREATE FUNCTION return_case() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.action IN ('answer', 'resume', 'send_back') AND NEW.to_state IS DISTINCT FROM (
        SELECT from_state FROM case_events
        WHERE case_id = NEW.case_id AND to_state = NEW.from_state AND from_state <> to_state
        ORDER BY seq DESC LIMIT 1
    ) THEN
        RAISE EXCEPTION 'kentongan: not where it came from' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

-- Nobody closes what he worked on, nor closes again what was objected to.
CREATE FUNCTION four_eyes() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    closing record;
BEGIN
    IF NEW.action IS DISTINCT FROM 'close' THEN
        RETURN NEW;
    END IF;
    IF NEW.actor_id IS NULL OR EXISTS (
        SELECT FROM case_events
        WHERE case_id = NEW.case_id AND actor_id = NEW.actor_id AND action NOT IN ('close', 'send_back', 'consent')
    ) THEN
        RAISE EXCEPTION 'kentongan: closed by an author' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT seq, actor_id INTO closing FROM case_events
        WHERE case_id = NEW.case_id AND action = 'close' ORDER BY seq DESC LIMIT 1;
    IF NEW.actor_id = closing.actor_id AND EXISTS (
        SELECT FROM case_events WHERE case_id = NEW.case_id AND action = 'object' AND seq > closing.seq
    ) THEN
        RAISE EXCEPTION 'kentongan: closed by the same officer after an objection'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

-- The state is the event's projection: the one write for which the app's role itself has no right.
CREATE FUNCTION project_case() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE cases SET version = NEW.seq, state = NEW.to_state WHERE id = NEW.case_id;
    RETURN NULL;
END $$;

CREATE FUNCTION begin_case() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.version IS DISTINCT FROM 0 OR NEW.state IS DISTINCT FROM 'NEW' THEN
        RAISE EXCEPTION 'kentongan: a case begins before its first event'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (SELECT FROM cases WHERE id = NEW.id OR number = NEW.number) THEN
        RAISE EXCEPTION 'kentongan: this case exists' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION follow_events() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    newest record;
BEGIN
    SELECT seq, to_state INTO newest FROM case_events WHERE case_id = NEW.id ORDER BY seq DESC LIMIT 1;
    IF (NEW.version, NEW.state) IS DISTINCT FROM (newest.seq, newest.to_state) THEN
        RAISE EXCEPTION 'kentongan: a state follows from the newest event'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (NEW.id, NEW.number, NEW.desk_id, NEW.region, NEW.sector, NEW.level)
        IS DISTINCT FROM (OLD.id, OLD.number, OLD.desk_id, OLD.region, OLD.sector, OLD.level)
        OR (NEW.excluded, NEW.threatened, NEW.opened_on) IS DISTINCT FROM (OLD.excluded, OLD.threatened, OLD.opened_on)
    THEN
        RAISE EXCEPTION 'kentongan: what the lodging said never changes'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

-- Readings form a chain: each names the hash of the one before.
CREATE FUNCTION continue_readings() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    newest record;
BEGIN
    SELECT seq, hash INTO newest FROM access_events WHERE case_id = NEW.case_id ORDER BY seq DESC LIMIT 1;
    IF NEW.seq IS DISTINCT FROM coalesce(newest.seq, 0) + 1 OR NEW.previous IS DISTINCT FROM newest.hash THEN
        RAISE EXCEPTION 'kentongan: not the next reading' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION continue_statements() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.version IS DISTINCT FROM (
        SELECT coalesce(max(version), 0) + 1 FROM statements WHERE kind = NEW.kind AND subject = NEW.subject
    ) THEN
        RAISE EXCEPTION 'kentongan: not the next version' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER case_events_continue BEFORE INSERT ON case_events
    FOR EACH ROW EXECUTE FUNCTION continue_case();
CREATE TRIGGER case_events_return BEFORE INSERT ON case_events
    FOR EACH ROW EXECUTE FUNCTION return_case();
CREATE TRIGGER case_events_four_eyes BEFORE INSERT ON case_events
    FOR EACH ROW EXECUTE FUNCTION four_eyes();
CREATE TRIGGER case_events_project AFTER INSERT ON case_events
    FOR EACH ROW EXECUTE FUNCTION project_case();
CREATE TRIGGER case_events_keep BEFORE UPDATE ON case_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();
CREATE TRIGGER case_events_stay BEFORE DELETE OR TRUNCATE ON case_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();

CREATE TRIGGER cases_begin BEFORE INSERT ON cases
    FOR EACH ROW EXECUTE FUNCTION begin_case();
CREATE TRIGGER cases_follow BEFORE UPDATE ON cases
    FOR EACH ROW EXECUTE FUNCTION follow_events();
CREATE TRIGGER cases_stay BEFORE DELETE OR TRUNCATE ON cases
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();

CREATE TRIGGER transitions_closed BEFORE INSERT ON transitions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();
CREATE TRIGGER transitions_keep BEFORE UPDATE ON transitions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();
CREATE TRIGGER transitions_stay BEFORE DELETE OR TRUNCATE ON transitions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();

CREATE TRIGGER access_events_continue BEFORE INSERT ON access_events
    FOR EACH ROW EXECUTE FUNCTION continue_readings();
CREATE TRIGGER access_events_keep BEFORE UPDATE ON access_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();
CREATE TRIGGER access_events_stay BEFORE DELETE OR TRUNCATE ON access_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();

CREATE TRIGGER statements_continue BEFORE INSERT ON statements
    FOR EACH ROW EXECUTE FUNCTION continue_statements();
CREATE TRIGGER statements_keep BEFORE UPDATE ON statements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();
CREATE TRIGGER statements_stay BEFORE DELETE OR TRUNCATE ON statements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();
