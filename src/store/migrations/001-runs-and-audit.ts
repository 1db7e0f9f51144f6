/** Runs and all that is written as they go, the schedule, tokens and the audit log. */
export const runsAndAudit = `
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
  `;
