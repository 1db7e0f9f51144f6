import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EvidenceCase } from '../domain/evidence.ts';
import { checkpointImage } from './oci/checkpoint-image.ts';
import { openLayout } from './oci/layout.ts';
import { pushWaiting, type WaitingDeps } from './push-waiting.ts';

test('a registry that says nothing does not keep serve from stopping', async () => {
  const root = mkdtempSync(join(tmpdir(), 'pitwall-push-waiting-'));
  const file = {
    name: 'checkpoint' as const,
    path: join(root, 'c.tar'),
    bytes: 4,
    sha256: createHash('sha256').update('data').digest('hex'),
  };
  writeFileSync(file.path, 'data');
  await checkpointImage(openLayout(join(root, 'ev_1'), 'ev_1', null), file, { 'org.criu.checkpoint.container.name': 'web' });
  const stop = new AbortController();
  // asked, it answers nothing; whoever asked is then told to stop
  const silent = createServer(() => stop.abort(new Error('SIGTERM')));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = silent.address() as AddressInfo;
    const registry = { url: `http://127.0.0.1:${port}`, repository: 'evidence', insecure: false, credentials: null };
    const rows = [{ id: 'ev_1', state: 'whole' }] as unknown as EvidenceCase[];
    const store = { evidence: { list: () => rows, update: () => expect.unreachable() } } as unknown as WaitingDeps['store'];
    expect(await pushWaiting(registry, { store, root, signal: stop.signal, note: async () => undefined })).toEqual([]);
  } finally {
    silent.closeAllConnections();
    silent.close();
    rmSync(root, { recursive: true, force: true });
  }
});
