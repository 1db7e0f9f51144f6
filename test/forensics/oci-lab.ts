import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Engine } from '../../src/domain/engine.ts';
import { connectEngine } from '../../src/engine/connect.ts';
import type { RegistryAccess } from '../../src/forensics/oci/access.ts';
import type { DsseEnvelope } from '../../src/forensics/oci/statement.ts';
import { docker, type Fixture, fixture } from '../support/containers.ts';

export const never = new AbortController().signal;

/** The engine, a folder and a real registry of its own (distribution 2.8), all gone at the end. */
export async function openOciLab() {
  const containers = fixture();
  const engine: Engine = connectEngine({ name: 'test', host: process.env.DOCKER_HOST ?? '', environment: 'ci' }, { clock: systemClock });
  const folder = await mkdtemp(join(tmpdir(), 'pitwall-oci-'));
  const access: RegistryAccess = {
    url: await startRegistry(containers).catch(async (error) => {
      await containers[Symbol.asyncDispose]();
      throw error;
    }),
    repository: 'evidence',
    credentials: null,
    insecure: false,
  };
  return {
    ...containers,
    engine,
    folder,
    access,
    /** A container's file system with a planted, a changed and a deleted file, committed. */
    async committed(name: string): Promise<string> {
      const id = await containers.runPlain(name, '--', 'sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done');
      await engine.exec(id, ['sh', '-c', 'echo planted > /planted; echo changed > /etc/group; rm /etc/passwd']);
      return engine.commit(id, { changes: [`LABEL pitwall.evidence=${name}`] });
    },
    /** Some megabytes that no two calls share. */
    async archive(name: string, bytes = 6_000_000) {
      const path = join(folder, `${name}.tar`);
      const content = randomBytes(bytes);
      await writeFile(path, content);
      return { path, sha256: createHash('sha256').update(content).digest('hex'), bytes };
    },
    async [Symbol.asyncDispose]() {
      for (const { id } of await engine.images({ labels: [containers.label] })) await docker('rmi', '-f', id);
      await containers[Symbol.asyncDispose]();
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startRegistry(containers: Fixture): Promise<string> {
  const demo = new URL('../../demo/images/', import.meta.url);
  const { ensureImage } = (await import(new URL('ensure.mjs', demo).href)) as {
    ensureImage(engine: object, spec: object): Promise<string>;
  };
  const { registry } = (await import(new URL('specs.mjs', demo).href)) as { registry: { tag: string } };
  await ensureImage({ host: process.env.DOCKER_HOST }, registry);
  const id = await docker(
    'run',
    '-d',
    '--name',
    containers.name('registry'),
    '--label',
    containers.label,
    '-p',
    '127.0.0.1::5000',
    registry.tag,
  );
  const url = `http://${await docker('port', id, '5000/tcp')}`;
  await vi.waitFor(async () => expect((await fetch(`${url}/v2/`, { signal: AbortSignal.timeout(1000) })).ok).toBe(true), {
    timeout: 20_000,
  });
  return url;
}

/** Unsigned in truth; the layout does not look at signatures. */
export function envelopeOf(...digests: string[]): DsseEnvelope {
  const subject = digests.map((digest) => ({ name: digest, digest: { sha256: digest.replace('sha256:', '') } }));
  const statement = { _type: 'https://in-toto.io/Statement/v1', subject, predicateType: 'https://example.org/evidence/v1', predicate: {} };
  return {
    payloadType: 'application/vnd.in-toto+json',
    payload: Buffer.from(JSON.stringify(statement)).toString('base64'),
    signatures: [{ keyid: 'a'.repeat(64), sig: 'c2ln' }],
  };
}
