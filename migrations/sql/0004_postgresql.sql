-- What happens to a case waits to be entered from the moment it is written: nobody can write the one without the other.

CREATE FUNCTION enter() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO log_pending (entry) SELECT NEW.entry WHERE NOT EXISTS (SELECT FROM log_leaf WHERE entry = NEW.entry);
    RETURN NULL;
END $$;

-- What waits goes by being entered, and in no other way.

CREATE FUNCTION begin_pending() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    problem text;
BEGIN
    problem := CASE
        WHEN EXISTS (SELECT FROM log_leaf WHERE entry = NEW.entry) THEN 'this entry is in the log'
    END;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'kentongan: %', problem USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION leave_pending() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    problem text;
BEGIN
    problem := CASE
        WHEN NOT EXISTS (SELECT FROM log_leaf WHERE entry = OLD.entry) THEN 'this entry is not in the log'
    END;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'kentongan: %', problem USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;

CREATE FUNCTION continue_leaves() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    problem text;
BEGIN
    problem := CASE
        WHEN NEW.idx IS DISTINCT FROM (SELECT coalesce(max(idx), -1) + 1 FROM log_leaf) THEN 'not the next leaf'
        WHEN EXISTS (SELECT FROM log_leaf WHERE entry = NEW.entry) THEN 'this entry is in the log'
    END;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'kentongan: %', problem USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION continue_tiles() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    problem text;
BEGIN
    problem := CASE
        WHEN NEW.number IS DISTINCT FROM (
            SELECT coalesce(max(number), -1) + 1 FROM log_tile WHERE level = NEW.level
        ) THEN 'not the next tile'
    END;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'kentongan: %', problem USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION grow_tile() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    problem text;
BEGIN
    problem := CASE
        WHEN (NEW.level, NEW.number) IS DISTINCT FROM (OLD.level, OLD.number)
            OR length(NEW.content) <= length(OLD.content)
            OR substr(NEW.content, 1, length(OLD.content)) IS DISTINCT FROM OLD.content
            THEN 'a tile grows, and nothing else'
    END;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'kentongan: %', problem USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION advance_head() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    problem text;
BEGIN
    problem := CASE
        WHEN NEW.size <= OLD.size OR NEW.size IS DISTINCT FROM (SELECT max(idx) + 1 FROM log_leaf)
            THEN 'a log grows by its leaves, and nothing else'
    END;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'kentongan: %', problem USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

-- What was published is never taken back, and is no more than there is.

CREATE FUNCTION continue_checkpoints() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    problem text;
BEGIN
    problem := CASE
        WHEN NEW.size <= (SELECT coalesce(max(size), -1) FROM log_checkpoint) THEN 'not the next checkpoint'
        WHEN NOT EXISTS (
            SELECT FROM log_head WHERE size > NEW.size OR (size = NEW.size AND root = NEW.root)
        ) THEN 'the log is not so'
    END;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'kentongan: %', problem USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION begin_public() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    problem text;
BEGIN
    problem := CASE
        WHEN substr(NEW.entry, 1, 16) IS DISTINCT FROM convert_to('kentongan.public', 'UTF8') THEN 'no public entry'
    END;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'kentongan: %', problem USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER case_events_enter AFTER INSERT ON case_events
    FOR EACH ROW EXECUTE FUNCTION enter();

CREATE TRIGGER log_pending_begin BEFORE INSERT ON log_pending
    FOR EACH ROW EXECUTE FUNCTION begin_pending();
CREATE TRIGGER log_pending_keep BEFORE UPDATE ON log_pending
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();
CREATE TRIGGER log_pending_stay BEFORE DELETE ON log_pending
    FOR EACH ROW EXECUTE FUNCTION leave_pending();
CREATE TRIGGER log_pending_whole BEFORE TRUNCATE ON log_pending
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();

CREATE TRIGGER log_leaf_continue BEFORE INSERT ON log_leaf
    FOR EACH ROW EXECUTE FUNCTION continue_leaves();
CREATE TRIGGER log_leaf_keep BEFORE UPDATE ON log_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();
CREATE TRIGGER log_leaf_stay BEFORE DELETE OR TRUNCATE ON log_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();

CREATE TRIGGER log_tile_continue BEFORE INSERT ON log_tile
    FOR EACH ROW EXECUTE FUNCTION continue_tiles();
CREATE TRIGGER log_tile_grow BEFORE UPDATE ON log_tile
    FOR EACH ROW EXECUTE FUNCTION grow_tile();
CREATE TRIGGER log_tile_stay BEFORE DELETE OR TRUNCATE ON log_tile
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();

CREATE TRIGGER log_head_advance BEFORE UPDATE ON log_head
    FOR EACH ROW EXECUTE FUNCTION advance_head();
CREATE TRIGGER log_head_stay BEFORE DELETE OR TRUNCATE ON log_head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();

CREATE TRIGGER log_checkpoint_continue BEFORE INSERT ON log_checkpoint
    FOR EACH ROW EXECUTE FUNCTION continue_checkpoints();
CREATE TRIGGER log_checkpoint_keep BEFORE UPDATE ON log_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();
CREATE TRIGGER log_checkpoint_stay BEFORE DELETE OR TRUNCATE ON log_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();

CREATE TRIGGER log_public_begin BEFORE INSERT ON log_public
    FOR EACH ROW EXECUTE FUNCTION begin_public();
CREATE TRIGGER log_public_enter AFTER INSERT ON log_public
    FOR EACH ROW EXECUTE FUNCTION enter();
CREATE TRIGGER log_public_keep BEFORE UPDATE ON log_public
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();
CREATE TRIGGER log_public_stay BEFORE DELETE OR TRUNCATE ON log_public
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_write();
