ALTER TABLE statements DROP CONSTRAINT ck_statements_kind;
ALTER TABLE statements ADD CONSTRAINT ck_statements_kind
    CHECK (kind IN ('desk', 'officer', 'epoch', 'recovery', 'log', 'promise'));
