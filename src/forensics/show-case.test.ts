import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EvidenceCase } from '../domain/evidence.ts';
import type { TmpfsRecord } from './records.ts';
import { showCase } from './show-case.ts';

test('what lay in memory as files is told of, with its place in the case', async () => {
  const root = mkdtempSync(join(tmpdir(), 'pitwall-show-case-'));
  try {
    mkdirSync(join(root, 'ev_1', 'files'), { recursive: true });
    const tmpfs: TmpfsRecord[] = [
      { path: 'files/tmpfs/0.tar', mount: '/dev/shm', files: 0, bytes: 0 },
      { path: 'files/tmpfs/1.tar', mount: '/scratch', files: 1, bytes: 21 },
    ];
    writeFileSync(join(root, 'ev_1', 'files/tmpfs.json'), JSON.stringify({ tmpfs }));
    const times = { requestedAt: 1, frozenAt: null, sealedAt: null };
    const evidence = { id: 'ev_1', ...times, push: { state: 'none', reference: null, note: null }, hold: null } as unknown as EvidenceCase;
    const { files } = await showCase(evidence, root);
    expect(files).toEqual([{ path: '/scratch', what: 'tmpfs with 1 file, 21 bytes, kept as files/tmpfs/1.tar' }]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
