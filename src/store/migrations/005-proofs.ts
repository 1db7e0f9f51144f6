/** What was proven and its history, sessions of the dashboard, notices. */
export const proofs = `
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
  `;
