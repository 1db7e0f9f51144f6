export const evidence = `
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
  `;
