import { describe, expect, test } from 'vitest';
import { tempStore } from '../../../test/store/support.ts';
import { openAudit } from '../../access/audit.ts';
import type { App } from '../app.ts';
import { type AuditFlags, auditListCommand } from './audit.ts';

function log() {
  const { store, clock } = tempStore();
  const audit = openAudit(store);
  const rows = [
    { who: 'anna', act: 'run', object: 'recycle-shop', data: { outcome: 'allowed' } },
    { who: 'nobody', act: 'unhalt', object: null, data: { outcome: 'refused', code: 'bad_token' } },
    { who: 'anna', act: 'freeze', object: 'shop-web-1', data: null },
  ];
  for (const row of rows) {
    audit.record({ ...row, role: 'operator', source: 'command line' });
    clock.advance(3_600_000);
  }
  return async (flags: Partial<AuditFlags> = {}) => {
    const lines: string[] = [];
    const data: unknown[] = [];
    const out = {
      data: (value: unknown) => data.push(value),
      line: (text = '') => lines.push(text),
      table: (head: readonly string[], cells: readonly (readonly string[])[]) =>
        lines.push(...[head, ...cells].map((row) => row.join(' | '))),
      paint: (_style: string, text: string) => text,
    };
    const app = { out, clock, store: async () => store } as unknown as App;
    const exitCode = await auditListCommand({ limit: '20', ...flags }, app);
    return { exitCode, lines, seqs: (data[0] as { seq: number }[]).map(({ seq }) => seq) };
  };
}

describe('pitwall audit list', () => {
  test('tells who did what, newest first', async () => {
    const { exitCode, lines, seqs } = await log()();
    expect([exitCode, seqs]).toEqual([0, [3, 2, 1]]);
    expect(lines[0]).toBe('SEQ | AT | WHO | ROLE | ACT | OBJECT | OUTCOME | FROM | DATA');
    expect(lines[2]).toMatch(
      /^2 \| 2026-06-01T13:00:00\.000Z \| nobody \| operator \| unhalt \| - \| refused \| command line \| \{"code":"bad_token"\}$/,
    );
  });

  test.each([
    [{ limit: '1' }, [3]],
    [{ before: '3' }, [2, 1]],
    [{ who: 'anna', act: 'run' }, [1]],
    [{ outcome: 'refused' }, [2]],
    [{ since: '2h' }, [3, 2]],
    [{ until: '2026-06-01T12:30Z' }, [1]],
    [{ since: '2026-06-02' }, []],
  ] as const)('%j', async (flags, expected) => {
    const { seqs, lines } = await log()(flags);
    expect(seqs).toEqual(expected);
    if (expected.length === 0) expect(lines).toEqual(['no act matches']);
  });

  test.each([
    [{ limit: '0' }, '--limit 0'],
    [{ limit: '1e3' }, '--limit 1e3'],
    [{ before: 'x' }, '--before x'],
    [{ since: 'yesterday' }, '--since yesterday: expected a day'],
  ])('%j is bad usage', async (flags, message) => {
    await expect(log()(flags)).rejects.toMatchObject({ code: 'usage', exitCode: 2, message: expect.stringContaining(message) });
  });
});
