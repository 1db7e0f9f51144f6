import { expect, test } from 'vitest';
import type { FoundAct } from '../../access/audit.ts';
import { active, drawn } from '../../chart/fixtures/drawn.ts';
import { hostile } from '../fixtures/made.ts';
import { AuditPage, type AuditProps } from './audit.tsx';

const entry: FoundAct = {
  seq: 7,
  at: '2026-01-31T12:00:00.000Z',
  who: 'the-operator',
  role: 'operator',
  act: 'run',
  object: 'recycle-shop',
  source: 'api 127.0.0.1',
  data: { outcome: 'refused', code: 'halted' },
  outcome: 'refused',
  hash: 'e'.repeat(64),
};
const none = { who: '', act: '', outcome: null, since: '', until: '', before: null };

function page(change: Partial<AuditProps> = {}) {
  return drawn(AuditPage({ entries: [entry], next: null, query: none, rows: 7, head: 'e'.repeat(64), verdict: null, ...change }));
}

const flat = (text: string) => text.replace(/\s+/g, ' ');

test('who did what on what, from where, and what became of it', () => {
  const cells = page()
    .named('td')
    .map(({ text, children }) => flat([text, ...children.map((one) => one.text)].join(' ')).trim());
  expect(cells).toEqual(['the-operator', 'operator', 'run', 'recycle-shop', '', 'api 127.0.0.1', 'code: halted', '7']);
  expect(flat(page().text())).toContain('≈ refused');
});

test.each([
  ['allowed', 'good'],
  ['refused', 'unsure'],
  ['failed', 'bad'],
] as const)('%s is told by word and tone', (outcome, tone) => {
  expect(page({ entries: [{ ...entry, outcome }] }).all(tone)).toHaveLength(1);
});

test('what people sent is inert', () => {
  const data = { reason: hostile, nested: { [hostile]: hostile } };
  const drawing = page({ entries: [{ ...entry, who: hostile, act: hostile, object: hostile, source: hostile, data }] });
  expect(drawing.html).not.toMatch(active);
  expect(drawing.html.split('fdp.exe').length).toBeGreaterThan(6);
});

test('older ones are a link that keeps the filter', () => {
  const query = { ...none, who: 'a&b', outcome: 'refused', before: 500 } as const;
  const links = page({ query, next: 7 })
    .named('a')
    .map(({ attributes }) => attributes.href);
  expect(links).toEqual(['/audit?verify=1#chain', '/audit?who=a%26b&outcome=refused', '/audit?who=a%26b&outcome=refused&before=7']);
});

test('an empty page says whether that is all', () => {
  expect(page({ entries: [] }).text()).toContain('Nobody has done anything yet.');
  expect(page({ entries: [], query: { ...none, who: 'x' } }).text()).toContain('No act is like that.');
  expect(flat(page({ entries: [], query: { ...none, who: 'x' }, next: 20_001 }).text())).toContain('Older ones may be.');
});

test('the chain: its head always, and its check as it came out', () => {
  expect(page().text()).toContain('e'.repeat(64));
  const whole = page({ verdict: { ok: true, rows: 7, head: 'e'.repeat(64) } });
  expect([whole.text().includes('as they were written'), whole.html.includes('data-live="off"')]).toEqual([true, true]);
  const broken = page({ verdict: { ok: false, rows: 2, seq: 3, problem: 'its content is not what was written' } });
  expect(flat(broken.text())).toContain('its content is not what was written');
  expect([broken.all('good').length, page().html.includes('data-live')]).toEqual([0, false]);
});
