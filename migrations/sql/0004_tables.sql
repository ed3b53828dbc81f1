-- The transparency log. What waits is written with the event it is of; the integrator takes it over into the leaves.

CREATE TABLE log_pending (
    entry $bytes NOT NULL,
    CONSTRAINT pk_log_pending PRIMARY KEY (entry),
    CONSTRAINT ck_log_pending_entry_size CHECK (length(entry) = 64)
)$without_rowid;

CREATE TABLE log_leaf (
    idx INTEGER NOT NULL,
    entry $bytes NOT NULL,
    CONSTRAINT pk_log_leaf PRIMARY KEY (idx),
    CONSTRAINT uq_log_leaf_entry UNIQUE (entry),
    CONSTRAINT ck_log_leaf_entry_size CHECK (length(entry) = 64)
)$without_rowid;

CREATE TABLE log_tile (
    level INTEGER NOT NULL,
    number INTEGER NOT NULL,
    content $bytes NOT NULL,
    CONSTRAINT pk_log_tile PRIMARY KEY (level, number),
    CONSTRAINT ck_log_tile_content CHECK (
        length(content) >= 32 AND length(content) <= 8192 AND length(content) & 31 = 0
    )
)$without_rowid;

CREATE TABLE log_head (
    id INTEGER NOT NULL,
    size INTEGER NOT NULL,
    root $bytes NOT NULL,
    CONSTRAINT pk_log_head PRIMARY KEY (id),
    CONSTRAINT ck_log_head_id CHECK (id = 1),
    CONSTRAINT ck_log_head_size CHECK (size & 63 = 0),
    CONSTRAINT ck_log_head_root_size CHECK (length(root) = 32)
)$without_rowid;

CREATE TABLE log_checkpoint (
    size INTEGER NOT NULL,
    root $bytes NOT NULL,
    note TEXT NOT NULL,
    CONSTRAINT pk_log_checkpoint PRIMARY KEY (size),
    CONSTRAINT ck_log_checkpoint_root_size CHECK (length(root) = 32)
)$without_rowid;

CREATE TABLE log_cosignature (
    size INTEGER NOT NULL,
    witness VARCHAR(120) NOT NULL,
    line VARCHAR(400) NOT NULL,
    CONSTRAINT pk_log_cosignature PRIMARY KEY (size, witness),
    CONSTRAINT fk_log_cosignature_size FOREIGN KEY (size) REFERENCES log_checkpoint (size)
)$without_rowid;

-- What is entered for everybody to read: of each the entry says only the hash.

CREATE TABLE log_public (
    entry $bytes NOT NULL,
    kind VARCHAR(16) NOT NULL,
    body TEXT NOT NULL,
    statement_id INTEGER,
    CONSTRAINT pk_log_public PRIMARY KEY (entry),
    CONSTRAINT uq_log_public_statement_id UNIQUE (statement_id),
    CONSTRAINT fk_log_public_statement_id FOREIGN KEY (statement_id) REFERENCES statements (id),
    CONSTRAINT ck_log_public_entry_size CHECK (length(entry) = 64)
)$without_rowid;

-- The root of no entries is the SHA-256 of nothing.

INSERT INTO log_head (id, size, root) VALUES (1, 0, $empty_root);

-- Two entries with one tag would be taken for two histories of one event. Who lodges chooses K: nobody else's, then.

CREATE UNIQUE INDEX uq_case_events_tag ON case_events (substr(entry, 1, 32));

-- Last: the index keeps others from writing until all of this stands, and no event slips between the copy and its trigger.

INSERT INTO log_pending (entry) SELECT entry FROM case_events;
