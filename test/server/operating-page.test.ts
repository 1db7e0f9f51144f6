import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readExposition } from './exposition.ts';
import { startHarness } from './harness.ts';

const page = readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8');

test('every metric of the page and of its alerts exists, with the labels that they use', async () => {
  await using harness = await startHarness();
  const families = readExposition((await harness.call('GET', '/metrics')).text);
  const named = new Set([...page.matchAll(/pitwall_[a-z_]+/g)].map(([name]) => name.replace(/_bucket$/, '')));
  expect(named.size).toBeGreaterThan(15);
  expect([...named].filter((name) => !families.has(name))).toEqual([]);
  const rules = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const { groups } = parse(rules) as { groups: { rules: { alert: string; expr: string }[] }[] };
  const alerts = groups.flatMap((group) => group.rules);
  expect(alerts.length).toBe(10);
  for (const { alert, expr } of alerts)
    expect([alert, /^Pitwall[A-Z]\w+$/.test(alert), expr.includes('pitwall_')]).toEqual([alert, true, true]);
});
