export const recoveries = `
  -- Which process settles what a dead one left of a run. No foreign key: a row that stays behind must not hold a run.
  CREATE TABLE recoveries (run_id TEXT PRIMARY KEY, process_id INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `;
