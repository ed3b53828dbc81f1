-- Several chunks of a file may lie in one object of the store, each from a byte of its own on.

ALTER TABLE file_chunks
    ADD COLUMN begins INTEGER NOT NULL DEFAULT 0,
    DROP CONSTRAINT uq_file_chunks_key,
    ADD CONSTRAINT uq_file_chunks_key_begins UNIQUE ("key", begins),
    ADD CONSTRAINT ck_file_chunks_begins CHECK (begins >= 0);
ALTER TABLE file_chunks ALTER COLUMN begins DROP DEFAULT;

-- The file is held: who brings it at this moment waits, and counts this chunk, or has been waited for.
CREATE OR REPLACE FUNCTION begin_chunk() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    file record;
BEGIN
    SELECT seq, chunks INTO file FROM files WHERE id = NEW.file_id FOR SHARE;
    IF NOT FOUND OR file.seq IS NOT NULL OR NEW.number NOT BETWEEN 1 AND file.chunks THEN
        RAISE EXCEPTION 'kentongan: no open file has this chunk' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    -- Two that name one object at once would not see each other: the second waits for the first.
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW."key", 0));
    IF EXISTS (SELECT FROM file_chunks WHERE "key" = NEW."key" AND file_id <> NEW.file_id) THEN
        RAISE EXCEPTION 'kentongan: this object is another file''s' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
