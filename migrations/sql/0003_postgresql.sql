-- Officers add evidence of their own, hand it out and over: the workflow's table gains these acts, and is closed again.

DROP TRIGGER transitions_closed ON transitions;

INSERT INTO transitions (from_state, to_state, action) VALUES
    ('TRIAGE', 'TRIAGE', 'evidence'),
    ('NEEDS_INFO', 'NEEDS_INFO', 'evidence'),
    ('INVESTIGATION', 'INVESTIGATION', 'evidence'),
    ('REFERRED', 'REFERRED', 'evidence'),
    ('OBJECTION', 'OBJECTION', 'evidence'),
    ('TRIAGE', 'TRIAGE', 'export'),
    ('NEEDS_INFO', 'NEEDS_INFO', 'export'),
    ('INVESTIGATION', 'INVESTIGATION', 'export'),
    ('REFERRED', 'REFERRED', 'export'),
    ('OBJECTION', 'OBJECTION', 'export'),
    ('CLOSED', 'CLOSED', 'export'),
    ('TRIAGE', 'TRIAGE', 'transfer'),
    ('NEEDS_INFO', 'NEEDS_INFO', 'transfer'),
    ('INVESTIGATION', 'INVESTIGATION', 'transfer'),
    ('REFERRED', 'REFERRED', 'transfer'),
    ('OBJECTION', 'OBJECTION', 'transfer'),
    ('CLOSED', 'CLOSED', 'transfer');

CREATE TRIGGER transitions_closed BEFORE INSERT ON transitions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();

-- A file is opened, its chunks are kept, then an event brings it; from then on nothing of it changes or goes.

CREATE FUNCTION begin_file() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.seq IS NOT NULL OR NEW.manifest_box IS NOT NULL THEN
        RAISE EXCEPTION 'kentongan: a file is opened before it is brought'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION keep_file() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    problem text;
BEGIN
    problem := CASE
        WHEN OLD.seq IS NOT NULL THEN 'what was brought never changes'
        WHEN (NEW.id, NEW.complaint_id, NEW.side, NEW.size, NEW.chunks, NEW.author, NEW.opened_on)
            IS DISTINCT FROM (OLD.id, OLD.complaint_id, OLD.side, OLD.size, OLD.chunks, OLD.author, OLD.opened_on)
            OR NEW.progress_box IS DISTINCT FROM OLD.progress_box
            THEN 'what a file is never changes'
        WHEN NEW.epoch < OLD.epoch OR (NEW.epoch = OLD.epoch AND NEW.key_box IS DISTINCT FROM OLD.key_box)
            THEN 'a new box for a key comes with a later epoch'
        WHEN NEW.seq IS NOT NULL AND NOT EXISTS (
            SELECT FROM case_events
            WHERE case_id = NEW.complaint_id AND seq = NEW.seq
                AND (position(' file/' || NEW.id || '/' IN body) > 0 OR position(',file/' || NEW.id || '/' IN body) > 0)
        ) THEN 'no event names this file'
        WHEN NEW.seq IS NOT NULL AND NEW.chunks IS DISTINCT FROM (
            SELECT count(*) FROM file_chunks WHERE file_id = NEW.id
        ) THEN 'this file is not whole'
    END;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'kentongan: %', problem USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION keep_brought_file() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.seq IS NOT NULL THEN
        RAISE EXCEPTION 'kentongan: what was brought never goes' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;

-- The file is held: who brings it at this moment waits, and counts this chunk, or has been waited for.
CREATE FUNCTION begin_chunk() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    file record;
BEGIN
    SELECT seq, chunks INTO file FROM files WHERE id = NEW.file_id FOR SHARE;
    IF NOT FOUND OR file.seq IS NOT NULL OR NEW.number NOT BETWEEN 1 AND file.chunks THEN
        RAISE EXCEPTION 'kentongan: no open file has this chunk' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION keep_brought_chunk() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    file record;
BEGIN
    SELECT seq INTO file FROM files WHERE id = OLD.file_id FOR SHARE;
    IF file.seq IS NOT NULL THEN
        RAISE EXCEPTION 'kentongan: what was brought never goes' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER files_begin BEFORE INSERT ON files
    FOR EACH ROW EXECUTE FUNCTION begin_file();
CREATE TRIGGER files_keep BEFORE UPDATE ON files
    FOR EACH ROW EXECUTE FUNCTION keep_file();
CREATE TRIGGER files_stay BEFORE DELETE ON files
    FOR EACH ROW EXECUTE FUNCTION keep_brought_file();
CREATE TRIGGER files_whole BEFORE TRUNCATE ON files
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();

CREATE TRIGGER file_chunks_begin BEFORE INSERT ON file_chunks
    FOR EACH ROW EXECUTE FUNCTION begin_chunk();
CREATE TRIGGER file_chunks_keep BEFORE UPDATE ON file_chunks
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();
CREATE TRIGGER file_chunks_stay BEFORE DELETE ON file_chunks
    FOR EACH ROW EXECUTE FUNCTION keep_brought_chunk();
CREATE TRIGGER file_chunks_whole BEFORE TRUNCATE ON file_chunks
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();
