import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { unsettledQuery } from '../../src/store/journal.ts';
import { lastByDrillQuery, listQuery, type RunFilter } from '../../src/store/run-list.ts';
import { residueQueries } from '../../src/store/run-residue.ts';
import { tempStore } from './support.ts';

const page: RunFilter = { before: '01B', since: 0, until: 9e12, limit: 50 };
const filters: readonly RunFilter[] = [
  {},
  page,
  { drill: 'd', ...page },
  { kind: 'k', ...page },
  { verdict: 'failed', ...page },
  { drill: 'd', verdict: 'failed', ...page },
  { kind: 'k', verdict: 'failed', ...page },
  { drill: 'd', kind: 'k', verdict: 'failed', ...page },
  { drill: 'd', kind: 'k' },
  { drill: 'd' },
  { verdict: 'failed' },
];

it.each(filters)('reads the page %j along an index, without sorting', (filter) => {
  const { sql, values } = listQuery(filter);
  const plan = explain(sql, values);
  expect(plan).toMatch(/^(SEARCH runs USING INDEX \w+ \(|SCAN runs USING INDEX sqlite_autoindex_runs_1$)/);
  expect(plan).not.toContain('TEMP B-TREE');
});

it.each([
  ['the newest run of every drill', lastByDrillQuery, []],
  ['runs that have not ended', 'SELECT id FROM runs INDEXED BY runs_unended WHERE ended_at IS NULL AND drill = ? ORDER BY id DESC', ['d']],
  ['open changes', unsettledQuery('open', false), []],
  ['open changes of a run', unsettledQuery('open', true), ['01A']],
  ['claimed slots', "SELECT drill FROM slots INDEXED BY slots_claimed WHERE state = 'claimed' ORDER BY drill, instant", []],
  ['events of a run', 'SELECT seq FROM events WHERE run = ? AND seq > ? ORDER BY seq', [1, 0]],
  ["a drill's slots", 'SELECT state FROM slots WHERE drill = ? ORDER BY id DESC LIMIT 50', ['d']],
])('finds %s by an index', (_, sql, values) => {
  for (const line of explain(sql, values).split('\n')) {
    if (/^SCAN (runs|changes|slots|events)/.test(line))
      expect(line).toMatch(/USING (COVERING )?INDEX (runs_unended|changes_unsettled|slots_claimed)/);
  }
});

it.each(residueQueries({ since: 0, until: 9e12, subject: 'web', looked: 1_000 }))(
  'finds what was left behind by an index: $sql',
  ({ sql, values }) => {
    expect(explain(sql, values)).toMatch(/USING INDEX (changes_unsettled|runs_by_verdict)/);
    expect(explain(sql, values)).not.toMatch(/SCAN (runs|changes|run_targets)\b|TEMP B-TREE/);
  },
);

it('sees a plan that reads the whole table', () => {
  expect(explain('SELECT id FROM runs WHERE actor = ? ORDER BY started_at', ['a'])).toMatch(/SCAN runs\n.*TEMP B-TREE/);
});

function explain(sql: string, values: readonly unknown[]): string {
  const db = new Database(tempStore().path, { readonly: true });
  onTestFinished(() => void db.close());
  const rows = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values) as { detail: string }[];
  return rows.map((row) => row.detail).join('\n');
}
