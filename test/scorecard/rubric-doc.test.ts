/** docs/rubric.md says what the program does: its tables are the data, and its example is what comes out. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Proof, ProofState } from '../../src/domain/proof.ts';
import type { Severity } from '../../src/domain/words.ts';
import { scorecardWithItems } from '../../src/scorecard/compute.ts';
import { rubric } from '../../src/scorecard/rubric.ts';
import { day, input, now, proof } from './proofs.ts';
import { differences } from './recompute.mjs';

const text = readFileSync(new URL('../../docs/rubric.md', import.meta.url), 'utf8');

/** The rows of the table with this head. */
function table(...head: string[]): string[][] {
  const lines = text.split('\n');
  const start = lines.indexOf(`| ${head.join(' | ')} |`);
  if (start < 0) throw new Error(`docs/rubric.md has no table ${head.join(', ')}`);
  const rows = lines.slice(start + 2);
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

test('it publishes the rubric in force, with its id and its day', () => {
  expect(text).toMatch(new RegExp(`^# The rubric ${rubric.id}\n\nIn force since ${rubric.date}\\.`));
});

test('its tables are the data', () => {
  expect(table('area', 'weight', 'kinds of drill')).toEqual(
    rubric.areas.map(({ area, weight, kinds }) => [area, String(weight), kinds.join(', ')]),
  );
  expect(table('severity', 'weight')).toEqual(Object.entries(rubric.weights).map(([name, weight]) => [name, String(weight)]));
  expect(table('kind', 'T without a schedule, days', 'longest T, days')).toEqual(
    Object.entries(rubric.cadences).map(([kind, { unscheduled, longest }]) => [kind, String(unscheduled), String(longest)]),
  );
  expect(table('grade', 'Proven at least')).toEqual(rubric.letters.map(({ letter, from }) => [letter, String(from)]));
  expect(table('rule', 'at most', 'when').map(([rule, atMost]) => [rule, atMost])).toEqual(
    rubric.caps.map(({ rule, atMost }) => [rule, atMost]),
  );
  expect(table('probe', 'what would hold')).toEqual(rubric.doors.map(({ item, title }) => [item, title]));
});

test('its sentences have the numbers of the data', () => {
  const { timed, expiresAfter, shortestCadence, unproven, zeroBelow, aheadAtMost, cadences } = rubric;
  expect(text).toContain(`with ${timed.atObjective} at \`X\` and 0.5 at ${timed.halfAt} times \`X\``);
  expect(text).toContain(`expires (\`f = 0\`) at ${expiresAfter} \`T\`, so none lasts a year`);
  for (const { unscheduled, longest } of Object.values(cadences)) {
    expect(unscheduled).toBeLessThanOrEqual(longest);
    expect(expiresAfter * longest).toBeLessThan(365);
  }
  expect(text).toContain(`at least ${shortestCadence} day and at most the longest for its kind`);
  expect(text).toContain(`one more item of weight ${unproven} with nothing proven`);
  expect([text.includes('dated more than an hour ahead'), aheadAtMost]).toEqual([true, 3_600_000]);
  expect(text).toContain(`Proven of an area is below ${zeroBelow}`);
});

const example = table(
  'kind',
  'every, d',
  'service',
  'item',
  'severity',
  'state',
  'waived until',
  'age, d',
  'values, ms',
  'at most, ms',
  's',
  'f',
  'c',
);

function computed(rows: readonly (readonly string[])[]) {
  const cadences = new Map(rows.flatMap(([kind = '', every]) => (every === '' ? [] : [[kind, Number(every) * day] as const])));
  const { card, items } = scorecardWithItems(input(rows.map(proofOf), { cadences }));
  const printed = { ...card, items };
  expect(differences(JSON.parse(JSON.stringify(printed)))).toEqual([]);
  return printed;
}

function proofOf(row: readonly string[]): Proof {
  const [kind = '', , subject = '', item = '', severity, state, waived, age, values = '', most] = row;
  const at = now - Number(age) * day;
  const recent =
    values === '' ? [] : values.split(', ').map((value) => ({ runId: 'r', at, value: Number(value), met: Number(value) <= Number(most) }));
  return proof({
    drill: kind,
    kind,
    subject,
    item,
    severity: severity as Severity,
    state: state as ProofState,
    waivedUntil: waived === '' ? null : (waived ?? null),
    at,
    type: item === 'verdict' ? 'verdict' : recent.length > 0 ? 'objective' : 'finding',
    ...(recent.length > 0 ? { unit: 'ms' as const, objective: { max: Number(most) }, recent } : {}),
  });
}

test('its example is what comes out', () => {
  const { items, areas, services, ...card } = computed(example);
  const shares = example.map(([kind, , service, item, , , , , , , s, f, c]) => ({
    kind,
    service: service || null,
    item,
    s: Number(s),
    f: Number(f),
    c: Number(c),
  }));
  for (const row of shares) expect(items).toContainEqual(expect.objectContaining(row));
  expect(items).toHaveLength(example.length);
  expect(areas.map(({ area, proven, coverage, grade }) => [area, String(proven), String(coverage), grade])).toEqual(
    table('area', 'Σ w·s·f', 'Σ w', 'Proven', 'Coverage', 'grade').map(([area, , , ...numbers]) => [area, ...numbers]),
  );
  for (const [, above = '', below = '', proven] of table('area', 'Σ w·s·f', 'Σ w', 'Proven', 'Coverage', 'grade'))
    expect(sum(above) / sum(below)).toBeCloseTo(Number(proven), 6);
  expect([[String(card.proven), String(card.coverage), card.grade, card.unaged]]).toEqual(table('Proven', 'Coverage', 'grade', 'unaged'));
  expect(services.map(({ service, proven, coverage, grade }) => [service, String(proven), String(coverage), grade])).toEqual(
    table('service', 'Proven', 'Coverage', 'grade'),
  );
});

test('and so is what it says of a door to the host', () => {
  const opened = example.map((row) =>
    row.map((cell) => ({ 'RES-01': 'FS-03', medium: row.includes('RES-01') ? 'critical' : cell })[cell] ?? cell),
  );
  expect(computed(opened).grade).toBe(/the grade would be (\S+?):/.exec(text)?.[1]);
});

function sum(text: string): number {
  return text.split(' + ').reduce((total, part) => total + Number(part), 0);
}
