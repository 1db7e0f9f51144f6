import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Handler } from './custody.ts';
import { loadSigner } from './keys.ts';
import type { CaseRecord } from './manifest.ts';
import type { CaseOptions } from './writer.ts';

export const caseId = 'ev_01JD00000000000000000000AB';
export const handler: Handler = { who: 'ada', host: 'host-1', boot: 'b00t', zone: 'Europe/Amsterdam' };

/** A home of its own for a test, and the options of one case in it. */
export async function testHome(): Promise<{ home: string; options: CaseOptions; folder: string; [Symbol.asyncDispose](): Promise<void> }> {
  const home = await mkdtemp(join(tmpdir(), 'pitwall-case-'));
  let time = Date.UTC(2026, 0, 1);
  const options = { root: join(home, 'evidence'), id: caseId, signer: await loadSigner(home), clock: { now: () => time++ }, handler };
  return { home, options, folder: join(options.root, caseId), [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }) };
}

export const record: CaseRecord = {
  runId: '01JD00000000000000000000AA',
  container: {
    id: 'c'.repeat(64),
    name: 'shop-web-1',
    service: 'web',
    image: 'shop/web:1',
    imageId: `sha256:${'1'.repeat(64)}`,
    labels: {},
  },
  engine: { name: 'local', id: 'engine-1', version: '26.1.5', environment: 'local' },
  host: { name: 'host-1', bootId: 'b00t', zone: 'Europe/Amsterdam', kernel: '6.18', architecture: 'x64', addresses: [] },
  version: '0.1.0',
  trigger: 'manual',
  actor: 'ada',
  reason: 'odd shell',
  disposition: 'keep',
  memory: 'proc',
  requestedAt: '2026-01-01T00:00:00.000Z',
  frozenAt: '2026-01-01T00:00:00.100Z',
  coverage: [{ step: 'memory', state: 'captured', reason: null, share: 1, bytes: 5, startedAt: '2026-01-01T00:00:00.200Z', ms: 3 }],
  seal: {
    state: 'intact',
    reasons: [],
    start: null,
    end: null,
    checkpointCpuNs: null,
    events: [{ at: '2026-01-01T00:00:00.100Z', action: 'pause' }],
  },
  images: [],
  environment: ['PASSWORD=hunter2', 'PATH=/bin'],
  alterations: [],
  notes: [],
};

export const meta = {
  config: {
    id: record.container.id,
    name: 'shop-web-1',
    rootfsImageName: 'shop/web:1',
    rootfsImage: 'shop/web@sha256:1',
    rootfsImageRef: record.container.imageId,
    runtime: 'runc',
    createdTime: record.requestedAt,
    checkpointedTime: record.requestedAt,
  },
  spec: { mounts: [] },
};
