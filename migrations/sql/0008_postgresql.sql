-- Why a file was opened. What was opened before has no reason, and its hash was made of none: the column is added in place,
-- and no row is touched. From now on a file is opened for one of these, and nothing else has any.

ALTER TABLE access_events ADD COLUMN reason VARCHAR(16);

CREATE FUNCTION know_reason() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (CASE WHEN substr(NEW.what, 1, 5) = 'file:'
        THEN coalesce(NEW.reason, '') NOT IN (
            'examine', 'compare', 'conclude', 'review', 'request', 'export', 'transfer')
        ELSE NEW.reason IS NOT NULL END)
    THEN
        RAISE EXCEPTION 'kentongan: a file is opened for a reason, and nothing else is'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER access_events_reason BEFORE INSERT ON access_events
    FOR EACH ROW EXECUTE FUNCTION know_reason();
