import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ensureHelperImage, type HelperImage } from '../../src/container/helper-image.ts';
import type { CreateBody } from '../../src/domain/engine/containers.ts';
import type { Engine } from '../../src/domain/engine.ts';
import { connectEngine } from '../../src/engine/connect.ts';
import { realClock } from '../checks/scope.ts';

export const fixture = 'pitwall-fixture/busybox:1';
const root = fileURLToPath(new URL('../..', import.meta.url));

export function connect(): Engine {
  const host = process.env.DOCKER_HOST;
  if (host === undefined) throw new Error('DOCKER_HOST names no engine: these tests need a real one');
  return connectEngine({ name: 'local', host, environment: 'local' }, { clock: realClock });
}

/** Containers, networks and volumes under one label, and a helper image of its own; all of it taken away at the end. */
export async function openLab(what: string) {
  const engine = connect();
  const mark = `${what}-${randomBytes(4).toString('hex')}`;
  const labels = { 'pitwall.test': mark };
  const folder = await mkdtemp(join(tmpdir(), 'pitwall-test-'));
  const made = new Set<string>();

  return {
    engine,
    mark,
    labels,
    folder,
    /** Whose things the lab's helpers are. */
    instance: mark,
    async run(name: string, body: Partial<CreateBody> = {}): Promise<string> {
      const { id } = await engine.create(`${mark}-${name}`, { Image: fixture, ...body, Labels: { ...body.Labels, ...labels } });
      await engine.start(id);
      return id;
    },
    network: (name: string) => engine.createNetwork(`${mark}-${name}`, { Labels: labels }),
    async shell(id: string, script: string): Promise<string> {
      const { stdout, stderr } = await engine.exec(id, ['sh', '-c', script]);
      return stdout.trim() + stderr.trim();
    },
    /** What helpers run, compiled from the source as it is now, with a mark: no other test makes the same image. */
    async build(name = 'build'): Promise<string> {
      const out = join(folder, name);
      const options = { noEmit: false, rootDir: join(root, 'src'), outDir: out, incremental: false, tsBuildInfoFile: null };
      const files = [
        'container/helper-main.ts',
        'checks/answer.ts',
        'forensics/hold/end-processes.ts',
        'forensics/collect/agent.ts',
        'drills/segmentation/reach.ts',
        'drills/secret-rotation/systems/steps/ask.ts',
        'drills/secret-rotation/holders/inside-agent.ts',
        'drills/secret-rotation/deliver/agent.ts',
        'checks/prober/prober-main.ts',
      ].map((path) => join(root, 'src', path));
      const config = join(folder, `${name}.json`);
      const extended = join(root, 'tsconfig.build.json');
      const typeRoots = [join(root, 'node_modules/@types')];
      await writeFile(config, JSON.stringify({ extends: extended, compilerOptions: { ...options, typeRoots }, files, include: [] }));
      await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', config]);
      await appendFile(join(out, 'checks/answer.js'), `// ${mark} ${name}\n`);
      return out;
    },
    async image(given: { build: string; busybox?: string; now?: number; log?: (message: string) => void }): Promise<HelperImage> {
      const image = await ensureHelperImage(engine, { cacheDir: folder, instance: mark, now: Date.now(), ...given });
      made.add(image.reference);
      return image;
    },
    /** The fixture image's own static one: what the exec itself is, as the container's first process may not have become it yet. */
    async busybox(): Promise<string> {
      const id = await this.run('busybox');
      const { stdout } = await engine.exec(id, ['sh', '-c', 'base64 $(readlink -f /proc/self/exe)'], { maxBytes: 16 * 1024 * 1024 });
      await engine.remove(id, { force: true });
      const path = join(folder, 'a-busybox');
      await writeFile(path, Buffer.from(stdout, 'base64'));
      return path;
    },
    /** Everything that helpers left, of this lab's instance. */
    ours: () => engine.list({ all: true, labels: [`pitwall.instance=${mark}`] }),
    async close(): Promise<void> {
      const filter = { labels: [`pitwall.test=${mark}`] };
      const left = await this.ours();
      for (const one of [...left, ...(await engine.list({ all: true, ...filter }))]) await engine.remove(one.id, { force: true });
      for (const one of await engine.networks(filter)) await engine.removeNetwork(one.Id);
      for (const one of await engine.volumes(filter)) await engine.removeVolume(one.name);
      for (const reference of made) await engine.removeImage(reference);
      const images = await engine.images({ labels: [`pitwall.instance=${mark}`] });
      for (const image of images) await engine.removeImage(image.id);
      await rm(folder, { recursive: true });
      await engine.close();
      if (left.length > 0) throw new Error(`helpers were left behind: ${left.map(({ name }) => name).join(', ')}`);
    },
  };
}

export type Lab = Awaited<ReturnType<typeof openLab>>;
