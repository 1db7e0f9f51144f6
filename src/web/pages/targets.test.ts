import { expect, test } from 'vitest';
import { active, drawn } from '../../chart/fixtures/drawn.ts';
import { aHold, aReader, aView, day, hostile, now } from '../fixtures/made.ts';
import type { TargetRow } from '../target-row.ts';
import { TargetPage, type TargetProps } from './target.tsx';
import { TargetsPage, type TargetsProps } from './targets.tsx';

function row(change: Partial<TargetRow> = {}): TargetRow {
  return { view: aView(), ageMs: 3 * day, used: 3 / 7, hold: null, last: null, ...change };
}

function list(rows: readonly TargetRow[], change: Partial<TargetsProps> = {}) {
  return drawn(
    TargetsPage({
      rows,
      counts: { frozen: 0, 'over-age': 1, 'not-opted-in': 2, 'opted-in': 3 },
      kinds: 8,
      engines: [{ engine: 'local', at: now, problem: null }],
      query: { q: '', show: null },
      place: { page: 1, pages: 1, first: 1, of: rows.length },
      mayFreeze: true,
      now,
      ...change,
    }),
  );
}

function one(change: Partial<TargetProps> = {}) {
  const props = { row: row(), replicas: [], kinds: 8, engine: { at: now, problem: null }, reader: aReader('responder'), now };
  return drawn(TargetPage({ ...props, ...change }));
}

test.each([
  [{ used: 3 / 7 }, '42% of 7 d', 'quiet'],
  [{ used: 0.95, ageMs: 6.65 * day }, 'due in 8 h 24 m', 'unsure'],
  [{ used: 1, ageMs: 7 * day }, 'over by 0 ms', 'bad'],
  [{ used: 9 / 7, ageMs: 9 * day }, 'over by 2 d', 'bad'],
])('an age of %j is told by a word, a sign and a length', (change, word, tone) => {
  const page = list([row(change)]);
  const fill = page.all('bar-fill')[0];
  expect(page.text()).toContain(word);
  expect(fill?.attributes).toMatchObject({ class: `bar-fill ${tone}`, width: String(Number((Math.min(1, change.used) * 100).toFixed(1))) });
});

test('an age without a limit, and one of processes that nobody knows, have no length', () => {
  const page = list([
    row({ used: null, view: aView({ limit: null }) }),
    row({ used: null, view: aView({ limit: { drill: 'd', ms: day, of: 'processes' } }) }),
  ]);
  expect(page.all('bar')).toEqual([]);
  expect(page.text()).toMatch(/no limit.*1 d for its processes/s);
});

test('one that is frozen leads to its evidence, and is not offered for a second freeze', () => {
  const page = list([row({ hold: aHold() }), row({ hold: aHold({ deadline: now - day, state: 'quarantined' }) })]);
  expect(page.text()).toContain('frozen, 3 h left');
  expect(page.text()).toContain('frozen, cut off, overdue by 1 d');
  expect(page.html).toContain(`href="/evidence/ev_${'0'.repeat(26)}"`);
  expect(page.html).not.toContain('#freeze');
});

test('why no drill may touch it, and which may, stand there', () => {
  const page = list([
    row({ view: aView({ leftOut: 'not opted in (no label pitwall.drills, no optIn rule)', kinds: [] }) }),
    row({ view: aView({ kinds: ['lifecycle', 'detection'] }) }),
    row({ last: { runId: 'R1', drill: null, kind: 'forensic-freeze', at: now - 3_600_000, on: 'service' } }),
  ]);
  expect(page.text()).toContain('no label pitwall.drills');
  expect(page.text()).toContain('lifecycle, detection');
  expect(page.text()).toMatch(/forensic-freeze\s+1 h ago\s+\(its service\)/);
  expect(page.html).toContain('href="/runs/R1"');
});

test('who may not freeze is not led to it', () => {
  expect(list([row()]).html).toContain('#freeze');
  expect(list([row()], { mayFreeze: false }).html).not.toContain('#freeze');
  expect(list([row({ view: aView({ protectedBy: 'it is Pitwall itself' }) })]).html).not.toContain('#freeze');
});

test('an engine that does not answer is said, with the age of what is shown', () => {
  const engines = [
    { engine: 'local', at: now, problem: null },
    { engine: 'far', at: null, problem: 'engine far has not answered yet' },
    { engine: hostile, at: now - 60_000, problem: hostile },
  ];
  const page = list([], { engines });
  expect(page.all('problem').map((part) => page.text(part).replace(/\s+/g, ' '))).toEqual([
    expect.stringContaining('None of its containers are shown'),
    expect.stringContaining('1 m ago'),
  ]);
  expect(page.text()).toContain('No container is known.');
  expect(page.html).not.toMatch(active);
});

test('the links keep what was searched for', () => {
  const place = { page: 2, pages: 3, first: 101, of: 250 };
  const page = list([row()], { query: { q: 'a&b <', show: 'over-age' }, place });
  const links = page.named('a').map(({ attributes }) => attributes.href);
  expect(links).toContain('/targets?q=a%26b+%3C&show=over-age');
  expect(links).toContain('/targets?q=a%26b+%3C&show=over-age&page=3');
  expect(links).not.toContain('/targets?q=a%26b+%3C&show=over-age&page=1');
});

test('a hundred rows are a page of a bearable size', () => {
  const many = Array.from({ length: 100 }, (_, i) =>
    row({ view: aView({ name: `shop-web-${i}`, leftOut: 'not opted in (no label pitwall.drills, no optIn rule)' }) }),
  );
  expect(Buffer.byteLength(list(many).html)).toBeLessThan(150_000);
});

test('names of containers are inert', () => {
  const view = aView({
    name: hostile,
    image: hostile,
    service: hostile,
    project: hostile,
    status: hostile,
    engine: hostile,
    leftOut: hostile,
  });
  const last = { runId: 'R1', drill: hostile, kind: 'lifecycle', at: now, on: 'container' } as const;
  for (const page of [
    list([row({ view, last })]),
    one({ row: row({ view: { ...view, engine: 'local' }, last }), replicas: [row({ view })] }),
  ]) {
    expect(page.html).not.toMatch(active);
    expect(page.text()).toContain('fdp.exe');
  }
});

test('the form says what will happen, and asks for a reason', () => {
  const page = one({ replicas: [row({ view: aView({ id: 'b', name: 'shop-web-2' }) })] });
  expect(page.text()).toContain('Its service goes on with one other container.');
  const form = page.named('form').find(({ attributes }) => attributes.action === `/targets/${'a'.repeat(64)}/freeze`);
  expect(form?.attributes.method).toBe('post');
  const fields = page.named('input').map(({ attributes }) => attributes);
  expect(fields).toContainEqual(expect.objectContaining({ name: 'csrf', value: 'secret-of-the-form' }));
  expect(fields.find(({ name }) => name === 'reason')).toHaveProperty('required');
  expect(fields.filter((field) => field.name === 'disposition' && 'checked' in field).map(({ value }) => value)).toEqual(['keep']);
  expect(fields.some(({ name }) => name === 'force')).toBe(false);
});

test.each([
  [{ replicas: [] }, 'the service stands still'],
  [{ replicas: [row({ hold: aHold() })] }, 'the service stands still'],
  [{ row: row({ view: aView({ service: null }) }) }, 'It is of no service'],
  [{ row: row({ view: aView({ skipped: true, leftOut: 'pitwall.skip is "true"' }) }) }, 'Freeze it although it asks to be left alone'],
  [{ row: row({ hold: aHold() }) }, 'It is held already'],
  [{ row: row({ view: aView({ protectedBy: 'it is a helper of Pitwall' }) }) }, 'It is never frozen: it is a helper of Pitwall'],
  [{ reader: aReader('viewer') }, 'Your role, viewer, does not allow this'],
  [{ reader: null }, 'Log in'],
])('%#: what stands in its way is said', (change, text) => {
  expect(one(change).text().replace(/\s+/g, ' ')).toContain(text);
});

test.each([
  ['one that is held', { row: row({ hold: aHold() }) }],
  ['one of ours', { row: row({ view: aView({ protectedBy: 'it is Pitwall itself' }) }) }],
  ['a viewer', { reader: aReader('viewer') }],
  ['an operator', { reader: aReader('operator') }],
  ['a reader by token', { reader: aReader('admin', null) }],
])('there is no form for %s', (_, change) => {
  expect(one(change).named('form')).toEqual([]);
});
