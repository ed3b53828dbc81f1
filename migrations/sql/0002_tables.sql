-- What is to be done later, whichever process does it.

CREATE TABLE jobs (
    kind VARCHAR(16) NOT NULL,
    subject VARCHAR(48) NOT NULL,
    due_at $moment NOT NULL,
    turn INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    leased_until $moment,
    failure VARCHAR(80),
    CONSTRAINT pk_jobs PRIMARY KEY (kind, subject)
);
CREATE INDEX ix_jobs_due_at ON jobs (due_at);

-- Days decreed to be worked, or not, after the library of holidays was made: an empty name is a day that is worked, none
-- says that what was decreed before holds no more. Of each day the newest holds; whoever noted what, and when, stays.

CREATE TABLE decrees (
    day DATE NOT NULL,
    seq INTEGER NOT NULL,
    name VARCHAR(80),
    decided_by VARCHAR(32) NOT NULL,
    decided_at $moment NOT NULL,
    CONSTRAINT pk_decrees PRIMARY KEY (day, seq),
    CONSTRAINT fk_decrees_decided_by FOREIGN KEY (decided_by) REFERENCES officers (id),
    CONSTRAINT ck_decrees_seq CHECK (seq >= 1)
)$without_rowid;

-- When a missed deadline was last raised to the desk above, and when the reporter last said that he feels threatened.

ALTER TABLE cases ADD COLUMN raised_on DATE;
ALTER TABLE cases ADD COLUMN threatened_on DATE;

-- Which officer wrote the complaint down for whoever brought it to a desk.

ALTER TABLE cases ADD COLUMN channel_id VARCHAR(32);

-- To which authority a case has been referred.

ALTER TABLE published_statuses ADD COLUMN agency VARCHAR(40);

-- The readings of all cases, newest first, and those of one officer.

CREATE INDEX ix_access_events_at ON access_events (at, case_id, seq);
CREATE INDEX ix_access_events_officer_id ON access_events (officer_id, at, case_id, seq);

-- When a statement came: by that a desk's old key is taken for 72 hours more. Of those that are here already nobody knows.

ALTER TABLE statements ADD COLUMN kept_at $moment;

-- No two accounts have one key, also when two officers activate theirs at one moment.

CREATE UNIQUE INDEX ix_officers_sign ON officers (sign);

-- With which signed words a lead sealed a copy anew, for the next key of his desk.

ALTER TABLE sealed_keys ADD COLUMN brought TEXT;

-- The queue and its reminders are read from these indexes alone: what is asked of many cases at once stands in them.

DROP INDEX ix_cases_due;
DROP INDEX ix_cases_desk;
DROP INDEX ix_cases_state;
DROP INDEX ix_cases_ended;
DROP INDEX ix_cases_ended_desk;
CREATE INDEX ix_cases_due ON cases (due, id, urgent, raised_on, state, channel_id) WHERE due IS NOT NULL;
CREATE INDEX ix_cases_desk ON cases (desk_id, due, id, urgent, raised_on, excluded, channel_id) WHERE due IS NOT NULL;
CREATE INDEX ix_cases_state ON cases (desk_id, state, due, id, urgent, excluded, channel_id) WHERE due IS NOT NULL;
CREATE INDEX ix_cases_ended ON cases (opened_on, id, urgent, due, channel_id) WHERE due IS NULL;
CREATE INDEX ix_cases_ended_desk ON cases (desk_id, opened_on, id, urgent, excluded, due, channel_id) WHERE due IS NULL;
