import { describe, expect, test } from 'vitest';
import { catalogue } from '../../probes/catalogue.ts';
import type { Output } from '../output.ts';
import { probesCommand } from './probes.ts';

async function called(id?: string) {
  const lines: string[] = [];
  const data: unknown[] = [];
  const out = {
    data: (value: unknown) => data.push(value),
    line: (text = '') => lines.push(text),
    table: (head: readonly string[], rows: readonly (readonly string[])[]) => lines.push(...[head, ...rows].map((row) => row.join(' | '))),
  } as unknown as Output;
  return { exitCode: await probesCommand(id, { out }), lines, data: data[0] };
}

describe('pitwall probes', () => {
  test('lists every probe once, by group', async () => {
    const { lines, data, exitCode } = await called();
    expect(exitCode).toBe(0);
    expect(lines[0]).toBe('GROUP | PROBE | SEVERITY | SAFETY | WHAT HOLDS');
    expect(lines).toHaveLength(catalogue.length + 1);
    expect(lines).toContain('secrets | SEC-01 | high | read-only | No secret in the environment');
    expect((data as { probes: { id: string }[] }).probes.map(({ id }) => id).toSorted()).toEqual(catalogue.map(({ id }) => id).toSorted());
  });

  test('explains one, in any case of letters', async () => {
    const { lines, data } = await called('sec-01');
    const text = lines.join('\n');
    expect(text).toContain('CIS        4.10 (Docker Benchmark 1.6.0)');
    expect(text).toContain('ATT&CK     T1552');
    expect(text).toContain('must be broken in the weak dummy careless, which is run on no network');
    expect(text).toContain('  environ: $B cat /proc/1/environ');
    expect(data).toMatchObject({ id: 'SEC-01', selfTest: { weakDummy: 'careless', how: 'run' }, cis: { version: '1.6.0', id: '4.10' } });
  });

  test('says where the API alone is asked, and why a weakness cannot be planted', async () => {
    const { lines } = await called('SUP-01');
    expect(lines.join('\n')).toMatch(/no weakness of its is planted: it is the engine’s own.*runs nothing: the API alone is asked/s);
  });

  test('every probe can be explained, and has what it must say', async () => {
    for (const { id } of catalogue) {
      const { data } = await called(id);
      expect(data).toMatchObject({
        id,
        attempt: expect.stringMatching(/\.$/),
        reading: expect.stringMatching(/\.$/),
        control: expect.stringMatching(/\.$/),
      });
    }
  });

  test('an unknown one is said, with the nearest', async () => {
    await expect(called('SEC-99')).rejects.toMatchObject({
      exitCode: 2,
      code: 'unknown_probe',
      hint: expect.stringMatching(/^pitwall probes SEC-0\d$/),
    });
    await expect(called('nonsense')).rejects.toMatchObject({ exitCode: 2, hint: 'pitwall probes lists them' });
  });
});
