import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { encodeTime } from 'ulid';
import { systemClock } from '../src/clock.ts';
import { drillKinds } from '../src/domain/words.ts';
import { migrations } from '../src/store/migrations/index.ts';
import { openStore } from '../src/store/open.ts';
import { addRecorded } from './store-recorded.ts';

export const drillCount = 50;
/** Of them ten a drill. */
export const serviceCount = 500;

/** Grows with every change of what is generated below. */
const generator = 3;

/** Of the last so many runs the store makes the proofs; the days before them are added up in bulk. */
const rolledUpByStore = 5_000;

/**
 * A database with so many ended runs: 50 drills on 500 services, 10 events and 5 measurements a run, 5 % of the runs with 80 findings, and what
 * `addRecorded` adds. Written in bulk,
 * past the store, as a million runs would take hours one by one. Kept in the temporary folder for as long as the schema stays as it is.
 */
export function historyOf(runs: number, say: (text: string) => void): string {
  const schema = createHash('sha256').update(`${generator}\n${migrations.join()}`).digest('hex').slice(0, 12);
  const folder = join(tmpdir(), 'pitwall-bench');
  const path = join(folder, `history-${runs}-${schema}.db`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  say(`writing ${runs} runs into ${path}, once`);
  // Those of another schema are of no use any more, and large.
  for (const name of readdirSync(folder)) if (name.startsWith(`history-${runs}-`)) rmSync(join(folder, name));
  const part = `${path}.part`;
  openStore({ path: part, clock: systemClock }).close();
  const db = new Database(part);
  try {
    db.pragma('journal_mode = OFF');
    db.pragma('synchronous = OFF');
    fill(db, runs);
    db.pragma('journal_mode = WAL');
  } finally {
    db.close();
  }
  // adds up the last runs as it does after an upgrade
  const store = openStore({ path: part, clock: systemClock });
  try {
    addRecorded(store);
  } finally {
    store.close();
  }
  renameSync(part, path);
  return path;
}

function fill(db: Database.Database, runs: number): void {
  // One run every five minutes, the last a moment ago; the random part of the id is the number, spelled in the ids' alphabet.
  const first = Date.UTC(2026, 0, 1) - runs * 300_000;
  db.function(
    'run_id',
    { deterministic: true },
    (n: number) =>
      `${encodeTime(first + n * 300_000)}${n
        .toString(32)
        .toUpperCase()
        .padStart(16, '0')
        .replaceAll(/[ILOU]/g, 'Z')}`,
  );
  db.function('kind_of', { deterministic: true }, (drill: number) => drillKinds[drill % drillKinds.length]);
  db.exec("INSERT INTO definitions (n, sha256, text) VALUES (1, 'sha256:bench', 'name: bench')");
  db.exec('BEGIN');
  db.exec(`
    WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < ${runs})
    INSERT INTO runs (n, id, drill, kind, verdict, reason, trigger, actor, engine_name, engine_id, engine_version, engine_environment, seed,
      definition, process_id, started_at, ended_at, duration_ms, exit_code, target_count)
    SELECT i, run_id(i), printf('drill-%02d', i % ${drillCount}), kind_of(i % ${drillCount}),
      CASE WHEN i % 17 = 0 THEN 'failed' ELSE 'passed' END, 'every objective was met by all five targets', 'schedule', 'scheduler',
      'staging-1', 'b1946ac9-2490-4c1c-9e5a-000000000000', '26.1.5', 'staging', '9f86d081884c7d65', 1, 1, ${first} + i * 300000,
      ${first} + i * 300000 + 12345, 12345.6, 0, 5
    FROM numbers`);
  const times = (count: number) => `(WITH RECURSIVE s (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM s WHERE k < ${count}) SELECT k FROM s)`;
  db.exec(`
    INSERT INTO events (run, seq, at, type, target, message, data)
    SELECT n, k, started_at + k * 1000, 'step', 'shop-web-1', 'the container was made again and is healthy', '{"step":"start"}'
    FROM runs CROSS JOIN ${times(10)} ORDER BY n, k`);
  // a drill's runs take turns over its ten services, five at a time
  db.exec(`
    INSERT INTO measurements (run, seq, name, target, value, unit, objective, met)
    SELECT n, k, 'time_to_healthy', printf('svc-%03d', (n % ${drillCount}) * 10 + (n / ${drillCount}) % 2 * 5 + k - 1), 1234.5 + (n * 7 + k) % 500, 'ms',
      '{"max":30000}', 1
    FROM runs CROSS JOIN ${times(5)} ORDER BY n, k`);
  db.exec(`
    INSERT INTO findings (run, seq, probe, title, target, state, severity, evidence)
    SELECT n, k, printf('PRV-%02d', (k - 1) / 10 + 1), 'no new privileges', printf('svc-%03d', (n % ${drillCount}) * 10 + (k - 1) % 10),
      CASE WHEN (n % ${drillCount} + k) % 97 = 0 THEN 'broken' ELSE 'holds' END, 'medium', 'NoNewPrivs: 1'
    FROM runs CROSS JOIN ${times(80)} WHERE (n / ${drillCount}) % 20 = 0 ORDER BY n, k`);
  const rest = Math.max(0, runs - rolledUpByStore);
  db.exec(`
    INSERT INTO daily_runs SELECT ended_at / 86400000, drill, kind, verdict, count(*), sum(duration_ms) FROM runs WHERE n <= ${rest} GROUP BY 1, 2, 3, 4;
    INSERT INTO daily_values SELECT drill, kind, target, name, ended_at / 86400000, unit, count(*), min(value), max(value), sum(value), 0, count(*)
      FROM runs JOIN measurements ON run = n WHERE n <= ${rest} GROUP BY 1, 2, 3, 4, 5;
    INSERT INTO meta SELECT 'to-roll-up', json_object('at', (SELECT coalesce(max(ended_at), 0) FROM runs WHERE n <= ${rest}), 'after', ${rest}, 'until', max(n), 'endedBy', max(ended_at)) FROM runs`);
  db.exec('COMMIT');
}
