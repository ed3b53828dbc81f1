-- Officers add evidence of their own, hand it out and over: the workflow's table gains these acts, and is closed again.

DROP TRIGGER transitions_closed;

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
BEGIN
    SELECT RAISE(ABORT, 'kentongan: the workflow changes by migration alone');
END;

-- A file is opened, its chunks are kept, then an event brings it; from then on nothing of it changes or goes.

CREATE TRIGGER files_begin BEFORE INSERT ON files
BEGIN
    SELECT RAISE(ABORT, 'kentongan: a file is opened before it is brought')
    WHERE NEW.seq IS NOT NULL OR NEW.manifest_box IS NOT NULL;
    SELECT RAISE(ABORT, 'kentongan: this file exists')
    WHERE EXISTS (SELECT 1 FROM files WHERE id = NEW.id);
END;

CREATE TRIGGER files_keep BEFORE UPDATE ON files
BEGIN
    SELECT RAISE(ABORT, 'kentongan: what was brought never changes')
    WHERE OLD.seq IS NOT NULL;
    SELECT RAISE(ABORT, 'kentongan: what a file is never changes')
    WHERE NEW.id IS NOT OLD.id OR NEW.complaint_id IS NOT OLD.complaint_id OR NEW.side IS NOT OLD.side
        OR NEW.progress_box IS NOT OLD.progress_box OR NEW.size IS NOT OLD.size OR NEW.chunks IS NOT OLD.chunks
        OR NEW.author IS NOT OLD.author OR NEW.opened_on IS NOT OLD.opened_on;
    SELECT RAISE(ABORT, 'kentongan: a new box for a key comes with a later epoch')
    WHERE NEW.epoch < OLD.epoch OR (NEW.epoch = OLD.epoch AND NEW.key_box IS NOT OLD.key_box);
    SELECT RAISE(ABORT, 'kentongan: no event names this file')
    WHERE NEW.seq IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM case_events
        WHERE case_id = NEW.complaint_id AND seq = NEW.seq
            AND (instr(body, ' file/' || NEW.id || '/') > 0 OR instr(body, ',file/' || NEW.id || '/') > 0));
    SELECT RAISE(ABORT, 'kentongan: this file is not whole')
    WHERE NEW.seq IS NOT NULL
        AND NEW.chunks IS NOT (SELECT count(*) FROM file_chunks WHERE file_id = NEW.id);
END;

CREATE TRIGGER files_stay BEFORE DELETE ON files
WHEN OLD.seq IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'kentongan: what was brought never goes');
END;

CREATE TRIGGER file_chunks_begin BEFORE INSERT ON file_chunks
BEGIN
    SELECT RAISE(ABORT, 'kentongan: no open file has this chunk')
    WHERE typeof(NEW.number) IS NOT 'integer' OR NOT EXISTS (
        SELECT 1 FROM files WHERE id = NEW.file_id AND seq IS NULL AND NEW.number BETWEEN 1 AND chunks);
    SELECT RAISE(ABORT, 'kentongan: this chunk exists')
    WHERE EXISTS (
        SELECT 1 FROM file_chunks WHERE (file_id = NEW.file_id AND number = NEW.number) OR key = NEW.key);
END;

CREATE TRIGGER file_chunks_keep BEFORE UPDATE ON file_chunks
BEGIN
    SELECT RAISE(ABORT, 'kentongan: a chunk never changes');
END;

CREATE TRIGGER file_chunks_stay BEFORE DELETE ON file_chunks
BEGIN
    SELECT RAISE(ABORT, 'kentongan: what was brought never goes')
    WHERE EXISTS (SELECT 1 FROM files WHERE id = OLD.file_id AND seq IS NOT NULL);
END;
