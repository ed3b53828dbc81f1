-- What every browser is given to check, to seal to and to open.

CREATE TABLE statements (
    id INTEGER$identity NOT NULL,
    kind VARCHAR(16) NOT NULL,
    subject VARCHAR(48) NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT pk_statements PRIMARY KEY (id),
    CONSTRAINT uq_statements_kind_subject_version UNIQUE (kind, subject, version),
    CONSTRAINT ck_statements_kind CHECK (kind IN ('desk', 'officer', 'epoch', 'recovery')),
    CONSTRAINT ck_statements_version CHECK (version >= 1)
);

CREATE TABLE public_keys (
    digest VARCHAR(64) NOT NULL,
    raw $bytes NOT NULL,
    CONSTRAINT pk_public_keys PRIMARY KEY (digest)
);

CREATE TABLE sealed_keys (
    kind VARCHAR(8) NOT NULL,
    object VARCHAR(32) NOT NULL,
    epoch INTEGER NOT NULL,
    recipient VARCHAR(80) NOT NULL,
    sealed $bytes NOT NULL,
    CONSTRAINT pk_sealed_keys PRIMARY KEY (kind, object, epoch, recipient),
    CONSTRAINT ck_sealed_keys_kind CHECK (kind IN ('thread', 'case', 'desk'))
);
CREATE INDEX ix_sealed_keys_recipient ON sealed_keys (recipient, kind, object);

CREATE TABLE ledger_keys (
    complaint_id VARCHAR(32) NOT NULL,
    box $bytes NOT NULL,
    CONSTRAINT pk_ledger_keys PRIMARY KEY (complaint_id)
);

-- The officers.

CREATE TABLE officers (
    id VARCHAR(32) NOT NULL,
    name VARCHAR(40) NOT NULL,
    full_name VARCHAR(120) NOT NULL,
    role VARCHAR(16) NOT NULL,
    desk_id VARCHAR(32),
    status VARCHAR(12) NOT NULL,
    invitation_hash $bytes,
    invitation_until $moment,
    kem $bytes,
    sign $bytes,
    auth_hash $bytes,
    seed_box $bytes,
    totp_box $bytes,
    totp_step INTEGER NOT NULL,
    CONSTRAINT pk_officers PRIMARY KEY (id),
    CONSTRAINT uq_officers_name UNIQUE (name),
    CONSTRAINT uq_officers_invitation_hash UNIQUE (invitation_hash),
    CONSTRAINT ck_officers_id_size CHECK (length(id) = 32),
    CONSTRAINT ck_officers_role CHECK (role IN ('lead', 'investigator', 'reviewer', 'overseer', 'administrator')),
    CONSTRAINT ck_officers_status CHECK (status IN ('invited', 'activated', 'vouched', 'left')),
    CONSTRAINT ck_officers_kem_size CHECK (length(kem) = 1216),
    CONSTRAINT ck_officers_sign_size CHECK (length(sign) = 32)
);

CREATE TABLE officer_sessions (
    id $bytes NOT NULL,
    officer_id VARCHAR(32) NOT NULL,
    seed_key $bytes,
    begun_at $moment NOT NULL,
    seen_at $moment NOT NULL,
    CONSTRAINT pk_officer_sessions PRIMARY KEY (id),
    CONSTRAINT fk_officer_sessions_officer_id FOREIGN KEY (officer_id) REFERENCES officers (id)
);
CREATE INDEX ix_officer_sessions_officer_id ON officer_sessions (officer_id);

CREATE TABLE login_delays (
    subject $bytes NOT NULL,
    failures INTEGER NOT NULL,
    open_at $moment NOT NULL,
    CONSTRAINT pk_login_delays PRIMARY KEY (subject)
);

-- The reporter's side: sealed complaints, messages, and what he is shown of the case.

CREATE TABLE complaints (
    id VARCHAR(32) NOT NULL,
    lookup_hash $bytes NOT NULL,
    reporter_kem $bytes NOT NULL,
    reporter_sign $bytes NOT NULL,
    desk_id VARCHAR(32) NOT NULL,
    region VARCHAR(8) NOT NULL,
    sector VARCHAR(24) NOT NULL,
    level VARCHAR(24) NOT NULL,
    excluded TEXT NOT NULL,
    threatened BOOLEAN NOT NULL,
    lodged_on DATE NOT NULL,
    epoch INTEGER NOT NULL,
    account $bytes NOT NULL,
    envelope_hash $bytes NOT NULL,
    entry $bytes NOT NULL,
    CONSTRAINT pk_complaints PRIMARY KEY (id),
    CONSTRAINT uq_complaints_lookup_hash UNIQUE (lookup_hash),
    CONSTRAINT ck_complaints_id_size CHECK (length(id) = 32),
    CONSTRAINT ck_complaints_lookup_hash_size CHECK (length(lookup_hash) = 32),
    CONSTRAINT ck_complaints_reporter_kem_size CHECK (length(reporter_kem) = 1216),
    CONSTRAINT ck_complaints_reporter_sign_size CHECK (length(reporter_sign) = 32)
);

CREATE TABLE messages (
    id VARCHAR(32) NOT NULL,
    complaint_id VARCHAR(32) NOT NULL,
    seq INTEGER NOT NULL,
    author VARCHAR(8) NOT NULL,
    purpose VARCHAR(16) NOT NULL,
    epoch INTEGER NOT NULL,
    box $bytes NOT NULL,
    posted_on DATE NOT NULL,
    CONSTRAINT pk_messages PRIMARY KEY (id),
    CONSTRAINT fk_messages_complaint_id FOREIGN KEY (complaint_id) REFERENCES complaints (id),
    CONSTRAINT ck_messages_id_size CHECK (length(id) = 32),
    CONSTRAINT ck_messages_author CHECK (author IN ('reporter', 'desk')),
    CONSTRAINT ck_messages_purpose CHECK (purpose IN ('question', 'answer', 'message', 'decision', 'objection', 'withdrawal'))
);
CREATE INDEX ix_messages_complaint_id ON messages (complaint_id, seq);

CREATE TABLE published_statuses (
    complaint_id VARCHAR(32) NOT NULL,
    version INTEGER NOT NULL,
    state VARCHAR(16) NOT NULL,
    since DATE NOT NULL,
    next_due DATE,
    outcome VARCHAR(24),
    objection_until DATE,
    withdrawal_asked BOOLEAN NOT NULL,
    must_wait BOOLEAN NOT NULL,
    resumes VARCHAR(16),
    head $bytes NOT NULL,
    CONSTRAINT pk_published_statuses PRIMARY KEY (complaint_id),
    CONSTRAINT fk_published_statuses_complaint_id FOREIGN KEY (complaint_id) REFERENCES complaints (id),
    CONSTRAINT ck_published_statuses_head_size CHECK (length(head) = 64)
);

CREATE TABLE thread_epochs (
    complaint_id VARCHAR(32) NOT NULL,
    epoch INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT pk_thread_epochs PRIMARY KEY (complaint_id, epoch),
    CONSTRAINT fk_thread_epochs_complaint_id FOREIGN KEY (complaint_id) REFERENCES complaints (id)
);

CREATE TABLE published_steps (
    complaint_id VARCHAR(32) NOT NULL,
    seq INTEGER NOT NULL,
    state VARCHAR(16) NOT NULL,
    day DATE NOT NULL,
    CONSTRAINT pk_published_steps PRIMARY KEY (complaint_id, seq),
    CONSTRAINT fk_published_steps_complaint_id FOREIGN KEY (complaint_id) REFERENCES complaints (id)
);

CREATE TABLE visits (
    id $bytes NOT NULL,
    box $bytes NOT NULL,
    expires_at $moment NOT NULL,
    CONSTRAINT pk_visits PRIMARY KEY (id)
);
CREATE INDEX ix_visits_expires_at ON visits (expires_at);

-- The workflow: its table, the cases, and the events from which their states follow.

CREATE TABLE transitions (
    from_state VARCHAR(16) NOT NULL,
    to_state VARCHAR(16) NOT NULL,
    action VARCHAR(24) NOT NULL,
    CONSTRAINT pk_transitions PRIMARY KEY (from_state, to_state, action)
)$without_rowid;

CREATE TABLE cases (
    id VARCHAR(32) NOT NULL,
    version INTEGER NOT NULL,
    state VARCHAR(16) NOT NULL,
    number VARCHAR(11) NOT NULL,
    desk_id VARCHAR(32) NOT NULL,
    region VARCHAR(8) NOT NULL,
    sector VARCHAR(24) NOT NULL,
    level VARCHAR(24) NOT NULL,
    excluded TEXT NOT NULL,
    threatened BOOLEAN NOT NULL,
    opened_on DATE NOT NULL,
    due DATE,
    category VARCHAR(24),
    severity VARCHAR(8),
    outcome VARCHAR(24),
    assignee_id VARCHAR(32),
    urgent BOOLEAN NOT NULL,
    withdrawal_asked BOOLEAN NOT NULL,
    legal_hold BOOLEAN NOT NULL,
    CONSTRAINT pk_cases PRIMARY KEY (id),
    CONSTRAINT uq_cases_number UNIQUE (number),
    CONSTRAINT fk_cases_assignee_id FOREIGN KEY (assignee_id) REFERENCES officers (id),
    CONSTRAINT ck_cases_id_size CHECK (length(id) = 32),
    CONSTRAINT ck_cases_category CHECK (category IN ('tarif_berlebih', 'layanan_gratis', 'tanpa_kuitansi', 'uang_pelicin',
        'sumbangan_paksa', 'wajib_beli', 'potongan', 'setoran', 'calo', 'dipersulit', 'damai_di_tempat', 'barang_jasa',
        'ancaman', 'rekening_pribadi', 'lainnya')),
    CONSTRAINT ck_cases_severity CHECK (severity IN ('ringan', 'sedang', 'berat')),
    CONSTRAINT ck_cases_outcome CHECK (outcome IN ('proven', 'partly_proven', 'not_proven', 'cannot_be_processed',
        'duplicate', 'withdrawn'))$head
)$without_rowid;
-- The queue, what is due first: of all desks, a desk, a desk and state, an officer. Then what has ended.
CREATE INDEX ix_cases_due ON cases (due, id) WHERE due IS NOT NULL;
CREATE INDEX ix_cases_desk ON cases (desk_id, due, id) WHERE due IS NOT NULL;
CREATE INDEX ix_cases_state ON cases (desk_id, state, due, id) WHERE due IS NOT NULL;
CREATE INDEX ix_cases_assignee ON cases (assignee_id, due, id) WHERE due IS NOT NULL;
CREATE INDEX ix_cases_ended ON cases (opened_on, id) WHERE due IS NULL;
CREATE INDEX ix_cases_ended_desk ON cases (desk_id, opened_on, id) WHERE due IS NULL;

CREATE TABLE case_events (
    case_id VARCHAR(32) NOT NULL,
    seq INTEGER NOT NULL,
    prev_seq INTEGER,
    from_state VARCHAR(16) NOT NULL,
    to_state VARCHAR(16) NOT NULL,
    action VARCHAR(24) NOT NULL,
    actor_kind VARCHAR(8) NOT NULL,
    actor_id VARCHAR(32),
    day DATE NOT NULL,
    body TEXT NOT NULL,
    entry $bytes NOT NULL,
    CONSTRAINT pk_case_events PRIMARY KEY (case_id, seq),
    CONSTRAINT uq_case_events_case_id_seq_to_state UNIQUE (case_id, seq, to_state),
    CONSTRAINT uq_case_events_entry UNIQUE (entry),
    CONSTRAINT fk_case_events_transition FOREIGN KEY (from_state, to_state, action)
        REFERENCES transitions (from_state, to_state, action),
    CONSTRAINT fk_case_events_case FOREIGN KEY (case_id) REFERENCES cases (id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT fk_case_events_previous FOREIGN KEY (case_id, prev_seq, from_state)
        REFERENCES case_events (case_id, seq, to_state),
    CONSTRAINT fk_case_events_actor_id FOREIGN KEY (actor_id) REFERENCES officers (id),
    CONSTRAINT ck_case_events_seq CHECK (seq >= 1),
    CONSTRAINT ck_case_events_previous CHECK (prev_seq = seq - 1),
    CONSTRAINT ck_case_events_first_seq CHECK ((seq = 1) = (prev_seq IS NULL)),
    CONSTRAINT ck_case_events_first_state CHECK ((seq = 1) = (from_state = 'NEW')),
    CONSTRAINT ck_case_events_actor_kind CHECK (actor_kind IN ('reporter', 'officer', 'system')),
    CONSTRAINT ck_case_events_actor_id CHECK ((actor_kind = 'officer') = (actor_id IS NOT NULL)),
    CONSTRAINT ck_case_events_reporter_acts
        CHECK ((actor_kind = 'reporter') = (action IN ('answer', 'lodge', 'message', 'object', 'withdraw'))),
    CONSTRAINT ck_case_events_system_acts CHECK (actor_kind <> 'system' OR action IN ('escalate', 'purge', 'resume')),
    CONSTRAINT ck_case_events_timer_acts CHECK (actor_kind = 'system' OR action NOT IN ('escalate', 'resume')),
    CONSTRAINT ck_case_events_entry_size CHECK (length(entry) = 64)
)$without_rowid;

CREATE TABLE access_events (
    case_id VARCHAR(32) NOT NULL,
    seq INTEGER NOT NULL,
    officer_id VARCHAR(32) NOT NULL,
    what VARCHAR(24) NOT NULL,
    at $moment NOT NULL,
    previous $bytes,
    hash $bytes NOT NULL,
    CONSTRAINT pk_access_events PRIMARY KEY (case_id, seq),
    CONSTRAINT fk_access_events_case_id FOREIGN KEY (case_id) REFERENCES cases (id),
    CONSTRAINT fk_access_events_officer_id FOREIGN KEY (officer_id) REFERENCES officers (id),
    CONSTRAINT ck_access_events_seq CHECK (seq >= 1),
    CONSTRAINT ck_access_events_first CHECK ((seq = 1) = (previous IS NULL)),
    CONSTRAINT ck_access_events_previous_size CHECK (length(previous) = 32),
    CONSTRAINT ck_access_events_hash_size CHECK (length(hash) = 32)
)$without_rowid;

CREATE TABLE sealed_notes (
    id VARCHAR(32) NOT NULL,
    case_id VARCHAR(32) NOT NULL,
    seq INTEGER NOT NULL,
    kind VARCHAR(16) NOT NULL,
    epoch INTEGER NOT NULL,
    box $bytes NOT NULL,
    CONSTRAINT pk_sealed_notes PRIMARY KEY (id),
    CONSTRAINT fk_sealed_notes_case_id FOREIGN KEY (case_id) REFERENCES cases (id),
    CONSTRAINT ck_sealed_notes_id_size CHECK (length(id) = 32),
    CONSTRAINT ck_sealed_notes_kind CHECK (kind IN ('allegation', 'declaration', 'finding', 'note', 'plan', 'reason'))
);
CREATE INDEX ix_sealed_notes_case_id ON sealed_notes (case_id, seq);

CREATE TABLE allegations (
    id VARCHAR(32) NOT NULL,
    case_id VARCHAR(32) NOT NULL,
    status VARCHAR(16) NOT NULL,
    CONSTRAINT pk_allegations PRIMARY KEY (id),
    CONSTRAINT fk_allegations_id FOREIGN KEY (id) REFERENCES sealed_notes (id),
    CONSTRAINT fk_allegations_case_id FOREIGN KEY (case_id) REFERENCES cases (id),
    CONSTRAINT ck_allegations_status CHECK (status IN ('open', 'proven', 'partly_proven', 'not_proven'))
);
CREATE INDEX ix_allegations_case_id ON allegations (case_id);
