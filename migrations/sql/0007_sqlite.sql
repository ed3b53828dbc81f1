-- Several chunks of a file may lie in one object of the store. SQLite lets go of a constraint only with its table: this one is
-- made anew, with what it holds, and with its guards. Dropping it fires none of them.

CREATE TABLE chunks_before AS SELECT file_id, number, digest, "key" FROM file_chunks;

DROP TABLE file_chunks;

CREATE TABLE file_chunks (
    file_id VARCHAR(32) NOT NULL,
    number INTEGER NOT NULL,
    digest BLOB NOT NULL,
    "key" VARCHAR(32) NOT NULL,
    begins INTEGER NOT NULL,
    CONSTRAINT pk_file_chunks PRIMARY KEY (file_id, number),
    CONSTRAINT uq_file_chunks_key_begins UNIQUE ("key", begins),
    CONSTRAINT fk_file_chunks_file_id FOREIGN KEY (file_id) REFERENCES files (id),
    CONSTRAINT ck_file_chunks_digest_size CHECK (length(digest) = 32),
    CONSTRAINT ck_file_chunks_key_size CHECK (length(key) = 32),
    CONSTRAINT ck_file_chunks_begins CHECK (begins >= 0)
) WITHOUT ROWID;

INSERT INTO file_chunks (file_id, number, digest, "key", begins)
SELECT file_id, number, digest, "key", 0 FROM chunks_before;

DROP TABLE chunks_before;

CREATE TRIGGER file_chunks_begin BEFORE INSERT ON file_chunks
BEGIN
    SELECT RAISE(ABORT, 'kentongan: no open file has this chunk')
    WHERE typeof(NEW.number) IS NOT 'integer' OR NOT EXISTS (
        SELECT 1 FROM files WHERE id = NEW.file_id AND seq IS NULL AND NEW.number BETWEEN 1 AND chunks);
    SELECT RAISE(ABORT, 'kentongan: this chunk exists')
    WHERE EXISTS (
        SELECT 1 FROM file_chunks
        WHERE (file_id = NEW.file_id AND number = NEW.number) OR ("key" = NEW."key" AND begins = NEW.begins));
    SELECT RAISE(ABORT, 'kentongan: a chunk begins at a byte of its object')
    WHERE typeof(NEW.begins) IS NOT 'integer';
    SELECT RAISE(ABORT, 'kentongan: this object is another file''s')
    WHERE EXISTS (SELECT 1 FROM file_chunks WHERE "key" = NEW."key" AND file_id <> NEW.file_id);
END;

CREATE TRIGGER file_chunks_keep BEFORE UPDATE ON file_chunks
BEGIN
    SELECT RAISE(ABORT, 'kentongan: a chunk never changes');
END;

CREATE TRIGGER file_chunks_stay BEFORE DELETE ON file_chunks
BEGIN
    SELECT RAISE(ABORT, 'kentongan: what was brought never goes')
    WHERE EXISTS (
        SELECT 1 FROM files WHERE id = OLD.file_id AND seq IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM cases WHERE id = files.complaint_id AND state = 'PURGED'));
END;
