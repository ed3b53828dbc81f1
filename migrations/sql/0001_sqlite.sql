-- An event is the next one of a case that exists, from the state the newest left, along the workflow's table.
-- The keys say most of this too; here it is said again because REPLACE, NULLs and foreign_keys=OFF pass them.
CREATE TRIGGER case_events_continue BEFORE INSERT ON case_events
BEGIN
    SELECT RAISE(ABORT, 'kentongan: no such case')
    WHERE NOT EXISTS (SELECT 1 FROM cases WHERE id = NEW.case_id);
    SELECT RAISE(ABORT, 'kentongan: not the next event')
    WHERE NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM case_events WHERE case_id = NEW.case_id)
        OR (NEW.seq > 1 AND NEW.prev_seq IS NOT NEW.seq - 1);
    SELECT RAISE(ABORT, 'kentongan: not from the newest state')
    WHERE NEW.from_state IS NOT coalesce(
        (SELECT to_state FROM case_events WHERE case_id = NEW.case_id ORDER BY seq DESC LIMIT 1), 'NEW');
    SELECT RAISE(ABORT, 'kentongan: no such transition')
    WHERE NOT EXISTS (
        SELECT 1 FROM transitions
        WHERE from_state = NEW.from_state AND to_state = NEW.to_state AND action = NEW.action);
    SELECT RAISE(ABORT, 'kentongan: no such officer')
    WHERE NEW.actor_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM officers WHERE id = NEW.actor_id);
    SELECT RAISE(ABORT, 'kentongan: this entry exists')
    WHERE EXISTS (SELECT 1 FROM case_events WHERE entry = NEW.entry);
END;

-- Where the table leaves a choice, a case goes back to where it came from.
CREATE TRIGGER case_events_return BEFORE INSERT ON case_events
WHEN NEW.action IN ('answer', 'resume', 'send_back')
BEGIN
    SELECT RAISE(ABORT, 'kentongan: not where it came from')
    WHERE NEW.to_state IS NOT (
        SELECT from_state FROM case_events
        WHERE case_id = NEW.case_id AND to_state = NEW.from_state AND from_state <> to_state
        ORDER BY seq DESC LIMIT 1);
END;

-- Nobody closes what he worked on, nor closes again what was objected to.
CREATE TRIGGER case_events_four_eyes BEFORE INSERT ON case_events
WHEN NEW.action = 'close'
BEGIN
    SELECT RAISE(ABORT, 'kentongan: closed by an author')
    WHERE NEW.actor_id IS NULL OR EXISTS (
        SELECT 1 FROM case_events
        WHERE case_id = NEW.case_id AND actor_id = NEW.actor_id AND action NOT IN ('close', 'send_back', 'consent'));
    SELECT RAISE(ABORT, 'kentongan: closed by the same officer after an objection')
    FROM (
        SELECT seq, actor_id FROM case_events
        WHERE case_id = NEW.case_id AND action = 'close' ORDER BY seq DESC LIMIT 1) AS closing
    WHERE closing.actor_id = NEW.actor_id AND EXISTS (
        SELECT 1 FROM case_events WHERE case_id = NEW.case_id AND action = 'object' AND seq > closing.seq);
END;

-- The state is the event's projection.
CREATE TRIGGER case_events_project AFTER INSERT ON case_events
BEGIN
    UPDATE cases SET version = NEW.seq, state = NEW.to_state WHERE id = NEW.case_id;
END;

CREATE TRIGGER case_events_keep BEFORE UPDATE ON case_events
BEGIN
    SELECT RAISE(ABORT, 'kentongan: events never change');
END;

CREATE TRIGGER case_events_stay BEFORE DELETE ON case_events
BEGIN
    SELECT RAISE(ABORT, 'kentongan: events never go');
END;

CREATE TRIGGER cases_begin BEFORE INSERT ON cases
BEGIN
    SELECT RAISE(ABORT, 'kentongan: a case begins before its first event')
    WHERE NEW.version IS NOT 0 OR NEW.state IS NOT 'NEW';
    SELECT RAISE(ABORT, 'kentongan: this case exists')
    WHERE EXISTS (SELECT 1 FROM cases WHERE id = NEW.id OR number = NEW.number);
END;

CREATE TRIGGER cases_follow BEFORE UPDATE ON cases
BEGIN
    SELECT RAISE(ABORT, 'kentongan: a state follows from the newest event')
    WHERE NOT EXISTS (
        SELECT 1 FROM (SELECT seq, to_state FROM case_events WHERE case_id = NEW.id ORDER BY seq DESC LIMIT 1)
        WHERE seq = NEW.version AND to_state = NEW.state);
    SELECT RAISE(ABORT, 'kentongan: what the lodging said never changes')
    WHERE NEW.id IS NOT OLD.id OR NEW.number IS NOT OLD.number OR NEW.desk_id IS NOT OLD.desk_id
        OR NEW.region IS NOT OLD.region OR NEW.sector IS NOT OLD.sector OR NEW.level IS NOT OLD.level
        OR NEW.excluded IS NOT OLD.excluded OR NEW.threatened IS NOT OLD.threatened
        OR NEW.opened_on IS NOT OLD.opened_on;
END;

CREATE TRIGGER cases_stay BEFORE DELETE ON cases
BEGIN
    SELECT RAISE(ABORT, 'kentongan: cases never go');
END;

CREATE TRIGGER transitions_closed BEFORE INSERT ON transitions
BEGIN
    SELECT RAISE(ABORT, 'kentongan: the workflow changes by migration alone');
END;

CREATE TRIGGER transitions_keep BEFORE UPDATE ON transitions
BEGIN
    SELECT RAISE(ABORT, 'kentongan: the workflow changes by migration alone');
END;

CREATE TRIGGER transitions_stay BEFORE DELETE ON transitions
BEGIN
    SELECT RAISE(ABORT, 'kentongan: the workflow changes by migration alone');
END;

-- Readings form a chain: each names the hash of the one before.
CREATE TRIGGER access_events_continue BEFORE INSERT ON access_events
BEGIN
    SELECT RAISE(ABORT, 'kentongan: not the next reading')
    WHERE NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM access_events WHERE case_id = NEW.case_id)
        OR NEW.previous IS NOT (
            SELECT hash FROM access_events WHERE case_id = NEW.case_id ORDER BY seq DESC LIMIT 1);
END;

CREATE TRIGGER access_events_keep BEFORE UPDATE ON access_events
BEGIN
    SELECT RAISE(ABORT, 'kentongan: readings never change');
END;

CREATE TRIGGER access_events_stay BEFORE DELETE ON access_events
BEGIN
    SELECT RAISE(ABORT, 'kentongan: readings never go');
END;

CREATE TRIGGER statements_continue BEFORE INSERT ON statements
BEGIN
    SELECT RAISE(ABORT, 'kentongan: not the next version')
    WHERE NEW.version IS NOT (
            SELECT coalesce(max(version), 0) + 1 FROM statements WHERE kind = NEW.kind AND subject = NEW.subject)
        OR EXISTS (SELECT 1 FROM statements WHERE id = NEW.id);
END;

CREATE TRIGGER statements_keep BEFORE UPDATE ON statements
BEGIN
    SELECT RAISE(ABORT, 'kentongan: statements never change');
END;

CREATE TRIGGER statements_stay BEFORE DELETE ON statements
BEGIN
    SELECT RAISE(ABORT, 'kentongan: statements never go');
END;
