-- Evidence: what is sealed of a file beside its chunks, which lie in the object store under random keys.

CREATE TABLE files (
    id VARCHAR(32) NOT NULL,
    complaint_id VARCHAR(32) NOT NULL,
    side VARCHAR(6) NOT NULL,
    epoch INTEGER NOT NULL,
    key_box $bytes NOT NULL,
    progress_box $bytes,
    manifest_box $bytes,
    size BIGINT NOT NULL,
    chunks INTEGER NOT NULL,
    author VARCHAR(32) NOT NULL,
    opened_on DATE NOT NULL,
    seq INTEGER,
    CONSTRAINT pk_files PRIMARY KEY (id),
    CONSTRAINT fk_files_complaint_id FOREIGN KEY (complaint_id) REFERENCES complaints (id),
    CONSTRAINT ck_files_id_size CHECK (length(id) = 32),
    CONSTRAINT ck_files_side CHECK (side IN ('thread', 'case')),
    CONSTRAINT ck_files_key_box_size CHECK (length(key_box) = 61),
    CONSTRAINT ck_files_author CHECK ((side = 'thread') = (author = 'reporter')),
    CONSTRAINT ck_files_size CHECK (size >= 4096),
    CONSTRAINT ck_files_chunks CHECK (chunks = (size + 1048575) / 1048576),
    CONSTRAINT ck_files_brought CHECK ((seq IS NULL) = (manifest_box IS NULL))
)$without_rowid;
CREATE INDEX ix_files_complaint_id ON files (complaint_id, seq);
-- What was opened and never brought, for whoever clears it away.
CREATE INDEX ix_files_opened_on ON files (opened_on) WHERE seq IS NULL;

CREATE TABLE file_chunks (
    file_id VARCHAR(32) NOT NULL,
    number INTEGER NOT NULL,
    digest $bytes NOT NULL,
    "key" VARCHAR(32) NOT NULL,
    CONSTRAINT pk_file_chunks PRIMARY KEY (file_id, number),
    CONSTRAINT uq_file_chunks_key UNIQUE ("key"),
    CONSTRAINT fk_file_chunks_file_id FOREIGN KEY (file_id) REFERENCES files (id),
    CONSTRAINT ck_file_chunks_digest_size CHECK (length(digest) = 32),
    CONSTRAINT ck_file_chunks_key_size CHECK (length(key) = 32)
)$without_rowid;
