import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openAudit, searchAudit, verifyAudit, verifyAuditAside } from '../../src/access/audit.ts';
import { createToken, listTokens, revokeToken, verifyToken } from '../../src/access/tokens.ts';
import type { AuditFilter } from '../../src/store/audit-row.ts';
import type { Store } from '../../src/store/store.ts';
import { type TestStore, tempStore } from './support.ts';

describe('a token', () => {
  it('is shown once and kept only as a hash', () => {
    const { store, path } = tempStore();
    const token = createToken(store, 'ci', 'operator');
    expect(token).toMatch(/^pw_[A-Za-z0-9_-]{43}$/);
    expect(verifyToken(store, token)).toEqual({ name: 'ci', role: 'operator', scope: [] });
    expect(verifyToken(store, `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)).toBeNull();
    expect(verifyToken(store, '')).toBeNull();
    expect(JSON.stringify(listTokens(store))).not.toMatch(/pw_|sha256/);
    const db = sqlite(path);
    expect(JSON.stringify(db.prepare('SELECT * FROM tokens').all())).not.toContain(token.slice(3));
    expect(createToken(store, 'other', 'viewer')).not.toBe(token);
  });

  it('ends when it is revoked, in every process, and frees its name', () => {
    const { store, again, clock } = tempStore();
    const other = again();
    const token = createToken(store, 'ci', 'admin');
    clock.advance(1000);
    expect(verifyToken(other, token)).not.toBeNull();
    revokeToken(other, 'ci');
    expect(verifyToken(store, token)).toBeNull();
    const second = createToken(store, 'ci', 'viewer');
    expect(verifyToken(store, second)).toMatchObject({ role: 'viewer' });
    expect(listTokens(store)).toMatchObject(
      [
        { name: 'ci', role: 'viewer', lastUsedAt: null, revokedAt: null },
        { name: 'ci', role: 'admin', lastUsedAt: clock.now(), revokedAt: clock.now() },
      ].map((row, index) => (index === 0 ? { ...row, lastUsedAt: clock.now() } : row)),
    );
  });

  it('is refused with a reason', () => {
    const { store } = tempStore();
    createToken(store, 'ci', 'viewer');
    const code = (expected: string) => expect.objectContaining({ code: expected, exitCode: 2 }) as Error;
    expect(() => createToken(store, 'ci', 'viewer')).toThrow(code('token_exists'));
    expect(() => createToken(store, 'with blank', 'viewer')).toThrow(code('token_name'));
    expect(() => createToken(store, 'x', 'root')).toThrow(code('token_role'));
    expect(() => revokeToken(store, 'nobody')).toThrow(code('token_unknown'));
  });
});

/** Of the tests' clock. */
const start = Date.parse('2026-06-01T12:00:00Z');

describe('the audit log', () => {
  function written(count = 5): TestStore {
    const test = tempStore();
    const audit = openAudit(test.store);
    const write = (i: number) => {
      audit.record({
        who: 'anna',
        role: 'operator',
        act: 'run',
        object: `drill-${i}`,
        source: 'api 127.0.0.1',
        data: i % 2 === 0 ? null : { b: i, a: [true, 'x'] },
      });
      test.clock.advance(1000);
    };
    test.store.atOnce(() => {
      for (let i = 1; i <= count; i++) write(i);
    });
    return test;
  }

  /** One a second from `start` on, of two people. */
  function mixed(): Store {
    const { store, clock } = tempStore();
    const audit = openAudit(store);
    const data = [
      null,
      { outcome: 'allowed' },
      { outcome: 'refused', code: 'halted' },
      { outcome: 'failed' },
      { decision: 'ignored' },
      { decision: 'refused' },
    ];
    for (const [i, one] of data.entries()) {
      const who = i === 1 || i === 5 ? 'ben' : 'anna';
      audit.record({ who, role: 'admin', act: i === 2 ? 'halt' : 'run', object: `drill-${i + 1}`, source: 'api 127.0.0.1', data: one });
      clock.advance(1_000);
    }
    return store;
  }

  it('is listed newest first, page by page', () => {
    const { store } = written();
    const audit = openAudit(store);
    const first = audit.list({ limit: 3 });
    expect(first.map((row) => row.object)).toEqual(['drill-5', 'drill-4', 'drill-3']);
    expect(audit.list({ limit: 3, before: first.at(-1)?.seq }).map((row) => row.object)).toEqual(['drill-2', 'drill-1']);
    expect(first[0]).toMatchObject({ who: 'anna', at: '2026-06-01T12:00:04.000Z', data: { a: [true, 'x'], b: 5 } });
  });

  it.each<[string, AuditFilter, string[]]>([
    ['who', { who: 'ben' }, ['drill-2', 'drill-6']],
    ['act', { act: 'halt' }, ['drill-3']],
    ['allowed, also where it does not say', { outcome: 'allowed' }, ['drill-1', 'drill-2', 'drill-5']],
    ['refused, by an alert too', { outcome: 'refused' }, ['drill-3', 'drill-6']],
    ['failed', { outcome: 'failed' }, ['drill-4']],
    ['since', { since: start + 4_000 }, ['drill-5', 'drill-6']],
    ['until', { until: start + 2_000 }, ['drill-1', 'drill-2']],
    ['several at once', { who: 'anna', since: start + 1_000, until: start + 4_000, outcome: 'failed' }, ['drill-4']],
    ['nothing', { who: "' OR 1=1 --" }, []],
    ['a time after all', { since: start + 3_600_000 }, []],
  ])('is searched by %s', (_, filter, expected) => {
    const { entries, next } = searchAudit(mixed(), filter);
    expect([entries.map(({ object }) => object).reverse(), next]).toEqual([expected, null]);
    if (filter.outcome !== undefined) expect(entries.map(({ outcome }) => outcome)).toEqual(entries.map(() => filter.outcome));
  });

  it('is searched page by page, each act once', () => {
    const store = mixed();
    const pages: (string | null)[][] = [];
    for (let before: number | null | undefined; before !== null; ) {
      const found = searchAudit(store, { who: 'anna', limit: 2, before });
      pages.push(found.entries.map(({ object }) => object));
      before = found.next;
    }
    expect(pages).toEqual([
      ['drill-5', 'drill-4'],
      ['drill-3', 'drill-1'],
    ]);
  });

  it('is searched in steps when it is long, and by time without reading the rest', () => {
    const { store, path } = written(1);
    const db = sqlite(path);
    db.exec(`WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 120000)
      INSERT INTO audit SELECT i, (SELECT at FROM audit WHERE seq = 1) + i * 60000, 'ben', 'admin', 'halt', 'n-' || i, 'x', NULL, '', '' FROM n`);
    const steps: (number | null)[] = [];
    const found: (string | null)[] = [];
    for (let before: number | null | undefined; before !== null; ) {
      const page = searchAudit(store, { who: 'anna', before });
      before = page.next;
      steps.push(before);
      found.push(...page.entries.map(({ object }) => object));
    }
    expect([steps, found]).toEqual([[70_001, 20_001, null], ['drill-1']]);
    const early = searchAudit(store, { since: start, until: start + 180_000 });
    expect([early.entries.map(({ object }) => object), early.next]).toEqual([['n-2', 'drill-1'], null]);
  });

  it('is read on when somebody wrote into it what is no JSON', () => {
    const { store, path } = written(3);
    const db = sqlite(path);
    db.exec(
      "DROP TRIGGER audit_no_update; UPDATE audit SET data = '{\"outcome\":' WHERE seq = 2; UPDATE audit SET data = '7' WHERE seq = 3",
    );
    expect(searchAudit(store, { outcome: 'allowed' }).entries.map(({ data }) => data)).toEqual([
      { unreadable: '7' },
      { unreadable: '{"outcome":' },
      { a: [true, 'x'], b: 1 },
    ]);
    expect(verifyAudit(store)).toMatchObject({ ok: false, seq: 2 });
  });

  it('is verified aside with the same answer', async () => {
    const { store, path } = written(1_100);
    expect(await verifyAuditAside(store)).toEqual(verifyAudit(store));
    const db = sqlite(path);
    db.exec("DROP TRIGGER audit_no_update; UPDATE audit SET who = 'mallory' WHERE seq = 1050");
    expect(await verifyAuditAside(store)).toEqual(verifyAudit(store));
    expect(await verifyAuditAside(store)).toMatchObject({ ok: false, seq: 1050 });
  });

  it('holds together over several processes', () => {
    const { store, again } = written();
    openAudit(again()).record({ who: 'ben', role: 'admin', act: 'halt', object: null, source: 'command line', data: null });
    openAudit(store).record({ who: 'anna', role: 'admin', act: 'unhalt', object: null, source: 'command line', data: null });
    expect(verifyAudit(store)).toEqual({ ok: true, rows: 7, head: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    expect(verifyAudit(tempStore().store)).toEqual({ ok: true, rows: 0, head: '0'.repeat(64) });
  });

  it.each([
    ['changed', "UPDATE audit SET who = 'mallory' WHERE seq = 3"],
    ['taken out', 'DELETE FROM audit WHERE seq = 3'],
    [
      'replaced',
      "INSERT OR REPLACE INTO audit SELECT seq, at, 'mallory', role, act, object, source, data, prev_hash, hash FROM audit WHERE seq = 3",
    ],
  ])('refuses that a row is %s', (_, sql) => {
    const { store, path } = written();
    expect(() => sqlite(path).exec(sql)).toThrow('append-only');
    expect(verifyAudit(store)).toMatchObject({ ok: true, rows: 5 });
  });

  it.each([
    ['a row that was changed', "UPDATE audit SET object = 'drill-9' WHERE seq = 3", 3, 'its content is not what was written'],
    ['a time that was changed', 'UPDATE audit SET at = at + 1 WHERE seq = 1', 1, 'its content is not what was written'],
    ['a row that was taken out', 'DELETE FROM audit WHERE seq = 3', 4, 'row 3 is missing before it'],
    [
      'a chain that was joined again',
      'DELETE FROM audit WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 5',
      3,
      'it does not follow the row before it',
    ],
    ['rows cut off the end', 'DELETE FROM audit WHERE seq > 3', 4, 'rows 4 to 5 are missing at the end'],
    ['all rows gone', 'DELETE FROM audit', 1, 'rows 1 to 5 are missing at the end'],
    [
      'a row put in',
      "INSERT INTO audit SELECT 6, at, 'mallory', role, act, object, source, data, hash, hash FROM audit WHERE seq = 5",
      6,
      'its content is not what was written',
    ],
  ])('names %s by whoever has the file', (_, sql, seq, problem) => {
    const { store, path } = written();
    const db = sqlite(path);
    for (const name of ['audit_no_update', 'audit_no_delete', 'audit_no_replace']) db.exec(`DROP TRIGGER ${name}`);
    db.exec(sql);
    expect(verifyAudit(store)).toMatchObject({ ok: false, seq, problem });
  });
});

function sqlite(path: string): Database.Database {
  const db = new Database(path);
  onTestFinished(() => void db.close());
  return db;
}
