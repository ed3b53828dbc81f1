-- Whatever has a deadline already is looked at when it has passed: at midnight in Jawa, 17:00 UTC of its last day.

INSERT INTO jobs (kind, subject, due_at, turn, attempts)
SELECT 'clock', id, (due + time '17:00') AT TIME ZONE 'UTC', 1, 0 FROM cases WHERE due IS NOT NULL;
