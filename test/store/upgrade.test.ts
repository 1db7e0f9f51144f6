import { cpSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { openAudit, verifyAudit } from '../../src/access/audit.ts';
import { verifyToken } from '../../src/access/tokens.ts';
import { instant } from '../../src/domain/clock.ts';
import type { RunRecord } from '../../src/domain/words.ts';
import { migrations } from '../../src/store/migrations/index.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { fakeClock, newRun, tempFolder } from './support.ts';

interface Said {
  readonly records: readonly RunRecord[];
  readonly tokens: readonly { readonly name: string; readonly role: string; readonly revokedAt: string | null }[];
  readonly audit: { readonly rows: number; readonly head: string };
  readonly evidence: readonly { readonly id: string; readonly state: string }[];
  readonly values: Readonly<Record<string, string>>;
}

const fixture = (name: string) => gunzipSync(readFileSync(new URL(`./fixtures/${name}`, import.meta.url)));
const said = JSON.parse(fixture('version-4.json.gz').toString()) as Said;
/** Half a day after its last run. */
const later = Date.parse('2026-11-22T22:00:00Z');

function place(): string {
  const path = join(tempFolder(), 'pitwall.db');
  writeFileSync(path, fixture('version-4.db.gz'), { mode: 0o600 });
  return path;
}

function open(path: string): Store {
  const store = openStore({ path, clock: fakeClock(later), create: false });
  onTestFinished(() => store.close());
  return store;
}

const schemaOf = (path: string) => {
  using db = closing(new Database(path));
  const tables = db.raw.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name").all() as {
    sql: string;
  }[];
  return { version: db.raw.pragma('user_version', { simple: true }), tables: tables.map(({ sql }) => sql.replace(/\s+/g, ' ')) };
};
const closing = (raw: Database.Database) => ({ raw, [Symbol.dispose]: () => void raw.close() });

describe('a database of version 4', () => {
  it('is what it is said to be', () => {
    const { version, tables } = schemaOf(place());
    expect([version, tables.some((sql) => sql.includes('CREATE TABLE proofs')), said.records.length]).toEqual([4, false, 12]);
    expect(new Set(said.records.map(({ kind }) => kind))).toEqual(
      new Set(['adversarial-probe', 'segmentation', 'reverse-uptime', 'forensic-freeze']),
    );
    expect(new Set(said.records.map(({ verdict }) => verdict))).toEqual(new Set(['passed', 'failed', 'inconclusive', null]));
  });

  it('keeps every record, artifact and event, the evidence, the slots and what is open', () => {
    const path = place();
    using before = closing(new Database(path, { readonly: true }));
    const count = (db: Database.Database) =>
      Object.fromEntries(
        [
          'events',
          'artifacts',

          'changes',
          'change_steps',
          'slots',
          'definitions',
          'halts',
          'holds',
          'evidence',
          'audit',
          'tokens',
        ].map((table) => [table, (db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n]),
      );
    const counted = count(before.raw);
    const store = open(path);
    using after = closing(new Database(path, { readonly: true }));
    expect(count(after.raw)).toEqual(counted);
    expect(Object.values(counted).filter((n) => n === 0)).toEqual([]);
    for (const record of said.records) expectKept(store, record);
    expect(store.runs.list({ limit: 100 }).map(({ id }) => id)).toEqual(said.records.map(({ id }) => id));
    expect(store.evidence.list({}).map(({ id, state }) => [id, state])).toEqual(said.evidence.map(({ id, state }) => [id, state]));
    expect(store.slots.counts()).toMatchObject({ started: 4 });
    const [unended] = said.records.filter(({ verdict }) => verdict === null);
    expect(store.runs.unended().map(({ id }) => id)).toEqual([unended?.id]);
    expect(store.journal.openChanges().map(({ runId }) => runId)).toEqual([unended?.id]);
  });

  it('keeps its tokens, and a revoked one revoked; the audit log goes on where it was', () => {
    const store = open(place());
    for (const role of ['viewer', 'operator', 'responder', 'admin'])
      expect(verifyToken(store, said.values[role] ?? '')).toMatchObject({ name: `old-${role}`, role });
    expect(verifyToken(store, said.values.revoked ?? '')).toBeNull();
    expect(verifyAudit(store)).toEqual({ ok: true, rows: said.audit.rows, head: said.audit.head });
    openAudit(store).record({ who: 'test', role: 'local', act: 'upgrade', object: null, source: 'test', data: null });
    expect(verifyAudit(store)).toMatchObject({ ok: true, rows: said.audit.rows + 1 });
  });

  it('adds up what its runs proved and what each day was, once', () => {
    const path = place();
    const store = open(path);
    const ended = said.records.filter(({ verdict }) => verdict !== null);
    const days = store.daily.runs(0, 9e12);
    expect(days.reduce((sum, { n }) => sum + n, 0)).toBe(ended.length);
    const byDrill = (records: readonly RunRecord[]) =>
      Object.fromEntries(records.map(({ drill }) => [drill ?? '', records.filter((other) => other.drill === drill).length]));
    expect(
      Object.fromEntries(
        [...new Set(days.map(({ drill }) => drill))].map((drill) => [
          drill,
          days.filter((day) => day.drill === drill).reduce((sum, { n }) => sum + n, 0),
        ]),
      ),
    ).toEqual(byDrill(ended));
    const proofs = store.proofs.all();
    const broken = (drill: string) =>
      new Set(
        proofs.filter((proof) => proof.drill === drill && proof.type === 'finding' && proof.state === 'broken').map(({ item }) => item),
      );
    for (const drill of ['sandbox-old', 'walls-old']) {
      const [record] = ended.filter((one) => one.drill === drill);
      const found = new Set(record?.findings.filter(({ state }) => state === 'broken').map(({ probe }) => probe));
      expect([drill, found.size > 0, broken(drill)]).toEqual([drill, true, found]);
    }
    expect(proofs.find(({ drill, item }) => drill === 'missed-old' && item === 'time_to_healthy')).toMatchObject({
      state: 'broken',
      subject: 'web',
    });
    const again = open(path);
    expect(again.proofs.all()).toEqual(proofs);
    expect(again.daily.runs(0, 9e12)).toEqual(days);
  });

  it('tells nobody of what ended before it was upgraded, and takes new runs', () => {
    const store = open(place());
    expect(store.notices.list()).toEqual([]);
    const processId = store.processes.register('command').id;
    const run = newRun({ processId, drill: 'recycle-old' });
    store.runs.open(run);
    store.runs.end(run.id, { verdict: 'passed', reason: '', exitCode: 0, residue: [] });
    expect(store.runs.record(run.id)?.verdict).toBe('passed');
    expect(store.proofs.all().find(({ drill, item }) => drill === 'recycle-old' && item === 'verdict')?.runId).toBe(run.id);
  });

  it('ends with the same tables as a new one', () => {
    const path = place();
    open(path);
    const fresh = join(tempFolder(), 'pitwall.db');
    openStore({ path: fresh, clock: fakeClock(later) }).close();
    expect(schemaOf(path)).toEqual(schemaOf(fresh));
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is left as it was when a step of the upgrade fails', () => {
    const path = place();
    {
      using db = closing(new Database(path));
      // what a later step wants to make is there already
      db.raw.exec('CREATE TABLE notices (x)');
    }
    const before = `${path}.before`;
    cpSync(path, before);
    expect(() => openStore({ path, clock: fakeClock(later) })).toThrow(/notices/);
    expect(schemaOf(path)).toEqual(schemaOf(before));
  });
});

/** The same rows in the schema of an even earlier version: as far as it had tables for them. */
test.for([1, 2, 3])('a database of version %i', (version) => {
  const newest = place();
  const path = join(tempFolder(), 'pitwall.db');
  {
    using db = closing(new Database(path));
    for (const sql of migrations.slice(0, version)) db.raw.exec(sql);
    db.raw.pragma(`user_version = ${version}`);
    db.raw.pragma(`application_id = ${0x50495457}`);
    db.raw.exec(`ATTACH '${newest}' AS later; PRAGMA foreign_keys = OFF; DELETE FROM meta; DELETE FROM slot_counts`);
    const tables = db.raw.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all() as {
      name: string;
    }[];
    for (const { name } of tables) {
      if (name === 'slot_counts') continue;
      const columns = (db.raw.prepare(`SELECT name FROM pragma_table_info('${name}')`).all() as { name: string }[])
        .map((column) => column.name)
        .join(', ');
      db.raw.exec(`INSERT INTO main.${name} (${columns}) SELECT ${columns} FROM later.${name}`);
    }
    db.raw.exec('DETACH later');
  }
  const store = open(path);
  expect(schemaOf(path).version).toBe(migrations.length);
  for (const record of said.records) expectKept(store, record);
  expect(verifyAudit(store)).toMatchObject({ ok: true, rows: said.audit.rows, head: said.audit.head });
  expect(verifyToken(store, said.values.admin ?? '')).toMatchObject({ role: 'admin' });
  expect(store.daily.runs(0, 9e12).reduce((sum, { n }) => sum + n, 0)).toBe(11);
  expect(store.slots.counts()).toMatchObject({ started: 4 });
});

/** What was done to the world was in the journal alone when these records were written, and is told from there now. */
function expectKept(store: Store, record: RunRecord): void {
  const kept = store.runs.record(record.id);
  expect({ ...kept, faults: [] }).toEqual(record);
  const changes = store.journal.ofRun(record.id).map(({ kind, target, openedAt }) => ({ kind, target, injectedAt: instant(openedAt) }));
  expect(kept?.faults.map(({ kind, target, injectedAt }) => ({ kind, target, injectedAt }))).toEqual(changes);
}
