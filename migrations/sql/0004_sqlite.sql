-- What happens to a case waits to be entered from the moment it is written: nobody can write the one without the other.

CREATE TRIGGER case_events_enter AFTER INSERT ON case_events
BEGIN
    INSERT INTO log_pending (entry) SELECT NEW.entry WHERE NOT EXISTS (SELECT 1 FROM log_leaf WHERE entry = NEW.entry);
END;

-- REPLACE would pass the index by taking the other event away.

CREATE TRIGGER case_events_tag BEFORE INSERT ON case_events
BEGIN
    SELECT RAISE(ABORT, 'kentongan: an event has this tag')
    WHERE EXISTS (SELECT 1 FROM case_events WHERE substr(entry, 1, 32) = substr(NEW.entry, 1, 32));
END;

-- What waits goes by being entered, and in no other way.

CREATE TRIGGER log_pending_begin BEFORE INSERT ON log_pending
BEGIN
    SELECT RAISE(ABORT, 'kentongan: this entry is in the log')
    WHERE EXISTS (SELECT 1 FROM log_leaf WHERE entry = NEW.entry);
END;

CREATE TRIGGER log_pending_keep BEFORE UPDATE ON log_pending
BEGIN
    SELECT RAISE(ABORT, 'kentongan: an entry never changes');
END;

CREATE TRIGGER log_pending_stay BEFORE DELETE ON log_pending
BEGIN
    SELECT RAISE(ABORT, 'kentongan: this entry is not in the log')
    WHERE NOT EXISTS (SELECT 1 FROM log_leaf WHERE entry = OLD.entry);
END;

CREATE TRIGGER log_leaf_continue BEFORE INSERT ON log_leaf
BEGIN
    SELECT RAISE(ABORT, 'kentongan: not the next leaf')
    WHERE NEW.idx IS NOT (SELECT coalesce(max(idx), -1) + 1 FROM log_leaf);
    SELECT RAISE(ABORT, 'kentongan: this entry is in the log')
    WHERE EXISTS (SELECT 1 FROM log_leaf WHERE entry = NEW.entry);
END;

CREATE TRIGGER log_leaf_keep BEFORE UPDATE ON log_leaf
BEGIN
    SELECT RAISE(ABORT, 'kentongan: leaves never change');
END;

CREATE TRIGGER log_leaf_stay BEFORE DELETE ON log_leaf
BEGIN
    SELECT RAISE(ABORT, 'kentongan: leaves never go');
END;

CREATE TRIGGER log_tile_continue BEFORE INSERT ON log_tile
BEGIN
    SELECT RAISE(ABORT, 'kentongan: not the next tile')
    WHERE NEW.number IS NOT (SELECT coalesce(max(number), -1) + 1 FROM log_tile WHERE level = NEW.level);
END;

CREATE TRIGGER log_tile_grow BEFORE UPDATE ON log_tile
BEGIN
    SELECT RAISE(ABORT, 'kentongan: a tile grows, and nothing else')
    WHERE NEW.level IS NOT OLD.level OR NEW.number IS NOT OLD.number OR length(NEW.content) <= length(OLD.content)
        OR substr(NEW.content, 1, length(OLD.content)) IS NOT OLD.content;
END;

CREATE TRIGGER log_tile_stay BEFORE DELETE ON log_tile
BEGIN
    SELECT RAISE(ABORT, 'kentongan: tiles never go');
END;

CREATE TRIGGER log_head_begin BEFORE INSERT ON log_head
BEGIN
    SELECT RAISE(ABORT, 'kentongan: a log has one head');
END;

CREATE TRIGGER log_head_advance BEFORE UPDATE ON log_head
BEGIN
    SELECT RAISE(ABORT, 'kentongan: a log grows by its leaves, and nothing else')
    WHERE NEW.size <= OLD.size OR NEW.size IS NOT (SELECT max(idx) + 1 FROM log_leaf);
END;

CREATE TRIGGER log_head_stay BEFORE DELETE ON log_head
BEGIN
    SELECT RAISE(ABORT, 'kentongan: a log has one head');
END;

-- What was published is never taken back, and is no more than there is.

CREATE TRIGGER log_checkpoint_continue BEFORE INSERT ON log_checkpoint
BEGIN
    SELECT RAISE(ABORT, 'kentongan: not the next checkpoint')
    WHERE NEW.size <= (SELECT coalesce(max(size), -1) FROM log_checkpoint);
    SELECT RAISE(ABORT, 'kentongan: the log is not so')
    WHERE NOT EXISTS (SELECT 1 FROM log_head WHERE size > NEW.size OR (size = NEW.size AND root = NEW.root));
END;

CREATE TRIGGER log_checkpoint_keep BEFORE UPDATE ON log_checkpoint
BEGIN
    SELECT RAISE(ABORT, 'kentongan: checkpoints never change');
END;

CREATE TRIGGER log_checkpoint_stay BEFORE DELETE ON log_checkpoint
BEGIN
    SELECT RAISE(ABORT, 'kentongan: checkpoints never go');
END;

CREATE TRIGGER log_public_begin BEFORE INSERT ON log_public
BEGIN
    SELECT RAISE(ABORT, 'kentongan: no public entry')
    WHERE substr(NEW.entry, 1, 16) IS NOT CAST('kentongan.public' AS BLOB);
    SELECT RAISE(ABORT, 'kentongan: this is public already')
    WHERE EXISTS (SELECT 1 FROM log_public WHERE entry = NEW.entry OR statement_id = NEW.statement_id);
END;

CREATE TRIGGER log_public_enter AFTER INSERT ON log_public
BEGIN
    INSERT INTO log_pending (entry) SELECT NEW.entry WHERE NOT EXISTS (SELECT 1 FROM log_leaf WHERE entry = NEW.entry);
END;

CREATE TRIGGER log_public_keep BEFORE UPDATE ON log_public
BEGIN
    SELECT RAISE(ABORT, 'kentongan: what is public never changes');
END;

CREATE TRIGGER log_public_stay BEFORE DELETE ON log_public
BEGIN
    SELECT RAISE(ABORT, 'kentongan: what is public never goes');
END;
