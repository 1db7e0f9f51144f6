/**
 * The schema, forward only: a migration that was ever released is never edited; a change is a new one at the end. Kept as text in
 * TypeScript, so that what tsc emits is complete. Instants are UTC milliseconds; JSON is text.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  -- Who works on this database. Ids are never used twice, so that a row that is gone means a process that is gone.
  CREATE TABLE processes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    role TEXT NOT NULL CHECK (role IN ('serve', 'command')),
    pid INTEGER NOT NULL,
    start_ticks INTEGER,
    boot_id TEXT,
    pid_namespace TEXT,
    hostname TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    heartbeat_at INTEGER NOT NULL,
    heartbeat_uptime_ms INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE definitions (n INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, text TEXT) STRICT;

  -- Other tables point at n, which is short; people and lists use id, a ULID, whose order is that of time.
  CREATE TABLE runs (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    drill TEXT,
    kind TEXT NOT NULL,
    verdict TEXT,
    reason TEXT NOT NULL DEFAULT '',
    trigger TEXT NOT NULL,
    actor TEXT NOT NULL,
    engine_name TEXT NOT NULL,
    engine_id TEXT,
    engine_version TEXT,
    engine_environment TEXT,
    seed TEXT NOT NULL,
    definition INTEGER NOT NULL REFERENCES definitions (n),
    slot INTEGER,
    process_id INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    duration_ms REAL,
    exit_code INTEGER,
    target_count INTEGER NOT NULL DEFAULT 0,
    evidence TEXT NOT NULL DEFAULT '[]',
    residue TEXT NOT NULL DEFAULT '[]',
    abort_at INTEGER,
    abort_by TEXT
  ) STRICT;
  CREATE INDEX runs_by_drill ON runs (drill, id);
  CREATE INDEX runs_by_drill_verdict ON runs (drill, verdict, id);
  CREATE INDEX runs_by_kind ON runs (kind, id);
  CREATE INDEX runs_by_kind_verdict ON runs (kind, verdict, id);
  CREATE INDEX runs_by_verdict ON runs (verdict, id);
  CREATE INDEX runs_by_definition ON runs (definition);
  CREATE INDEX runs_unended ON runs (drill, id) WHERE ended_at IS NULL;
  CREATE UNIQUE INDEX runs_by_slot ON runs (drill, slot, engine_name) WHERE slot IS NOT NULL;

  CREATE TABLE run_targets (
    run INTEGER NOT NULL REFERENCES runs (n) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    container_id TEXT NOT NULL,
    name TEXT NOT NULL,
    service TEXT,
    image TEXT NOT NULL,
    outcome TEXT,
    left_out TEXT,
    PRIMARY KEY (run, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE measurements (
    run INTEGER NOT NULL REFERENCES runs (n) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    name TEXT NOT NULL,
    target TEXT,
    value REAL NOT NULL,
    unit TEXT NOT NULL,
    objective TEXT,
    met INTEGER,
    PRIMARY KEY (run, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE findings (
    run INTEGER NOT NULL REFERENCES runs (n) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    probe TEXT NOT NULL,
    title TEXT NOT NULL,
    target TEXT,
    state TEXT NOT NULL,
    severity TEXT NOT NULL,
    evidence TEXT NOT NULL,
    waived_until TEXT,
    PRIMARY KEY (run, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE faults (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (n) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    injected_at TEXT NOT NULL,
    undone_at TEXT,
    effect TEXT NOT NULL,
    undo TEXT NOT NULL
  ) STRICT;
  CREATE INDEX faults_by_run ON faults (run);

  CREATE TABLE artifacts (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (n) ON DELETE CASCADE,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    encoding TEXT NOT NULL CHECK (encoding IN ('identity', 'gzip')),
    content BLOB NOT NULL,
    UNIQUE (run, name)
  ) STRICT;

  -- AUTOINCREMENT: followers remember the last id that they saw, so one must never come again.
  CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES runs (n) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    target TEXT,
    message TEXT NOT NULL,
    data TEXT
  ) STRICT;
  CREATE UNIQUE INDEX events_by_run ON events (run, seq);

  CREATE TABLE changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES runs (n) ON DELETE CASCADE,
    engine TEXT NOT NULL,
    engine_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    data TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'done', 'undone', 'residue')),
    step TEXT,
    note TEXT,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER
  ) STRICT;
  CREATE INDEX changes_by_run ON changes (run);
  CREATE INDEX changes_unsettled ON changes (state, id) WHERE state IN ('open', 'residue');

  CREATE TABLE change_steps (
    change INTEGER NOT NULL REFERENCES changes (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    name TEXT NOT NULL,
    data TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (change, seq)
  ) STRICT, WITHOUT ROWID;

  -- A name is locked beside the id, as a recreated container has another id and the same name.
  CREATE TABLE locks (
    engine_id TEXT NOT NULL,
    container_id TEXT NOT NULL,
    name TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES runs (n) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    PRIMARY KEY (engine_id, container_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX locks_by_name ON locks (engine_id, name);
  CREATE INDEX locks_by_run ON locks (run);

  CREATE TABLE halts (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    by TEXT NOT NULL,
    reason TEXT NOT NULL,
    ended_at INTEGER,
    ended_by TEXT
  ) STRICT;
  CREATE UNIQUE INDEX halts_now ON halts ((1)) WHERE ended_at IS NULL;

  CREATE TABLE samples (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (n) ON DELETE CASCADE,
    check_name TEXT NOT NULL,
    at INTEGER NOT NULL,
    offset_ms REAL NOT NULL,
    ok INTEGER NOT NULL,
    latency_ms REAL,
    error TEXT
  ) STRICT;
  CREATE INDEX samples_by_run ON samples (run);

  -- Up to and including decided_until, every instant of the drill's schedule has been decided.
  CREATE TABLE schedule_cursors (
    drill TEXT PRIMARY KEY,
    schedule TEXT NOT NULL,
    decided_until INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE slots (
    id INTEGER PRIMARY KEY,
    drill TEXT NOT NULL,
    instant INTEGER NOT NULL,
    due INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('claimed', 'started', 'missed', 'outside-window', 'overlap', 'failed')),
    process_id INTEGER,
    run_id TEXT,
    note TEXT,
    decided_at INTEGER NOT NULL,
    UNIQUE (drill, instant)
  ) STRICT;
  CREATE INDEX slots_claimed ON slots (drill) WHERE state = 'claimed';
  CREATE INDEX slots_by_drill ON slots (drill, id);

  -- How many slots were ever decided which way; slots themselves are forgotten after a while.
  CREATE TABLE slot_counts (state TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TRIGGER slot_counted AFTER INSERT ON slots BEGIN
    INSERT INTO slot_counts VALUES (NEW.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
  END;
  CREATE TRIGGER slot_recounted AFTER UPDATE OF state ON slots WHEN OLD.state <> NEW.state BEGIN
    UPDATE slot_counts SET n = n - 1 WHERE state = OLD.state;
    INSERT INTO slot_counts VALUES (NEW.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
  END;

  CREATE TABLE tokens (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'responder', 'admin')),
    sha256 TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX tokens_by_name ON tokens (name) WHERE revoked_at IS NULL;

  -- AUTOINCREMENT also tells when rows were cut off the end: sqlite_sequence keeps the highest number.
  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    role TEXT NOT NULL,
    act TEXT NOT NULL,
    object TEXT,
    source TEXT NOT NULL,
    data TEXT,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
  CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
  CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq)
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

  INSERT INTO meta VALUES ('instance', lower(hex(randomblob(16))));
  `,
  `
  -- Which process settles what a dead one left of a run. No foreign key: a row that stays behind must not hold a run.
  CREATE TABLE recoveries (run_id TEXT PRIMARY KEY, process_id INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  -- The evidence of one container each. It outlives its run, whose row is forgotten by age, so it only names it.
  CREATE TABLE evidence (
    id TEXT PRIMARY KEY,
    run_id TEXT NOT NULL,
    engine TEXT NOT NULL,
    engine_id TEXT NOT NULL,
    container TEXT NOT NULL,
    container_id TEXT NOT NULL,
    container_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('capturing', 'whole', 'partial', 'pruned')),
    reason TEXT,
    actor TEXT NOT NULL,
    trigger TEXT NOT NULL,
    disposition TEXT NOT NULL,
    memory TEXT NOT NULL,
    requested_at INTEGER NOT NULL,
    frozen_at INTEGER,
    sealed_at INTEGER,
    bytes INTEGER NOT NULL DEFAULT 0,
    coverage REAL,
    seal TEXT,
    committed_image TEXT,
    push_state TEXT NOT NULL DEFAULT 'none' CHECK (push_state IN ('none', 'pending', 'pushed')),
    push_reference TEXT,
    push_note TEXT,
    pruned_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX evidence_by_run ON evidence (run_id);
  CREATE INDEX evidence_by_container ON evidence (container_id);
  CREATE INDEX evidence_pending ON evidence (id) WHERE push_state = 'pending';

  -- Written before the pause: a container is never frozen by us without a lease that outlives us.
  CREATE TABLE holds (
    evidence_id TEXT PRIMARY KEY REFERENCES evidence (id),
    engine TEXT NOT NULL,
    engine_id TEXT NOT NULL,
    container_id TEXT NOT NULL,
    container_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('freezing', 'held', 'quarantined', 'released')),
    is_foreign INTEGER NOT NULL,
    since INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    on_expiry TEXT NOT NULL CHECK (on_expiry IN ('notify', 'resume', 'kill', 'replace')),
    noticed_at INTEGER,
    ended_at INTEGER,
    ending TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX holds_now ON holds (engine_id, container_id) WHERE state <> 'released';
  CREATE INDEX holds_by_deadline ON holds (deadline) WHERE state <> 'released';
  `,
  `
  -- What letting go of a hold needs (JSON), and which process is at it.
  ALTER TABLE holds ADD COLUMN kept TEXT;
  ALTER TABLE holds ADD COLUMN claimed_by INTEGER;
  `,
  `
  -- What each drill has proven, as the newest runs that asked left it. Runs are named by their id alone: proof outlives what retention
  -- forgets. A run without a drill has the empty name, a finding of no target the empty subject.
  CREATE TABLE proofs (
    engine TEXT NOT NULL,
    drill TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    item TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('finding', 'objective', 'verdict')),
    title TEXT NOT NULL,
    severity TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('holds', 'broken', 'inconclusive')),
    targets TEXT NOT NULL,
    broken_on TEXT NOT NULL,
    waived_until TEXT,
    unit TEXT,
    objective TEXT,
    recent TEXT NOT NULL DEFAULT '[]',
    best REAL,
    run_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    was TEXT,
    PRIMARY KEY (engine, drill, kind, subject, type, item)
  ) STRICT, WITHOUT ROWID;

  -- Days are UTC, counted from 1970.
  CREATE TABLE daily_runs (
    day INTEGER NOT NULL,
    drill TEXT NOT NULL,
    kind TEXT NOT NULL,
    verdict TEXT NOT NULL,
    n INTEGER NOT NULL,
    duration_ms REAL NOT NULL,
    PRIMARY KEY (day, drill, kind, verdict)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE daily_values (
    drill TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    day INTEGER NOT NULL,
    unit TEXT NOT NULL,
    n INTEGER NOT NULL,
    least REAL NOT NULL,
    most REAL NOT NULL,
    sum REAL NOT NULL,
    missed INTEGER NOT NULL,
    judged INTEGER NOT NULL,
    PRIMARY KEY (drill, day, kind, subject, name)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX daily_values_by_day ON daily_values (day);

  -- One a day, the last one that was computed on it.
  CREATE TABLE scorecards (
    day INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    rubric TEXT NOT NULL,
    grade TEXT NOT NULL,
    proven REAL NOT NULL,
    coverage REAL NOT NULL,
    areas TEXT NOT NULL
  ) STRICT;

  -- 0 for a run that proves nothing of what runs: on containers made for it, or of a file that goes by the name of another drill.
  ALTER TABLE runs ADD COLUMN scored INTEGER NOT NULL DEFAULT 1;

  -- Runs that had ended before this schema are added up when the database is next opened, in steps and in the order of their ends.
  INSERT INTO meta SELECT 'to-roll-up', json_object('at', 0, 'after', 0, 'until', max(n), 'endedBy', max(ended_at)) FROM runs
    HAVING max(ended_at) IS NOT NULL;
  -- Grows with every change of the proofs, and with none of anything else.
  INSERT INTO meta VALUES ('proofs-version', '0');

  ALTER TABLE tokens ADD COLUMN expires_at INTEGER;
  -- JSON: what the token may act on; empty: on everything.
  ALTER TABLE tokens ADD COLUMN scope TEXT NOT NULL DEFAULT '[]';

  -- Sessions of the dashboard, each by a token and no longer than it.
  CREATE TABLE sessions (
    sha256 TEXT PRIMARY KEY,
    token INTEGER NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_by_token ON sessions (token);

  -- What somebody should know; key keeps one thing from being told twice.
  CREATE TABLE notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    subject TEXT,
    message TEXT NOT NULL,
    data TEXT
  ) STRICT;
  CREATE TABLE notice_deliveries (
    notice INTEGER NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
    hook TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    first_tried_at INTEGER,
    next_at INTEGER NOT NULL,
    note TEXT,
    PRIMARY KEY (notice, hook)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX notice_deliveries_due ON notice_deliveries (next_at) WHERE state = 'pending';
  `,
];
