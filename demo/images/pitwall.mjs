import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuild } from '../build.mjs';
import { cacheFolder } from '../lib/cache.mjs';
import { progress } from '../lib/progress.mjs';
import { repository } from '../lib/repository.mjs';
import { report } from '../lib/user-error.mjs';
import { canPull } from './can-pull.mjs';
import { packageClosure } from './closure.mjs';
import { ensureImage } from './ensure.mjs';
import { buildImage } from './from-official.mjs';
import { SUITE } from './specs.mjs';

/**
 * Builds the Dockerfile of this clone: as it stands where the engine can pull, else on a base from Debian packages, with dist and
 * node_modules of this clone, which are compiled for the Node.js that runs this and is in that base.
 *
 * @param {{ host: string }} engine
 * @param {string} tag
 * @param {{ log?: (line: string) => void }} [options]
 */
export async function buildPitwallImage(engine, tag, { log } = {}) {
  const context = mkdtempSync(join(cacheFolder('images'), 'pitwall-'));
  try {
    for (const name of CONTEXT) cpSync(join(repository, name), join(context, name), { recursive: true });
    if (await canPull(engine, { log })) {
      await buildImage(engine, context, tag);
    } else {
      await ensureBuild({ log });
      vendor(join(context, 'vendor'));
      const base = await ensureNodeBase(engine, { log });
      await buildImage(engine, context, tag, { BASE: base, BUILD_BASE: base });
    }
  } finally {
    rmSync(context, { recursive: true });
  }
}

/**
 * The base that stands for node:22-slim where nothing can be pulled; made ahead of tests that run where the archive cannot be reached.
 *
 * @param {{ host: string }} engine
 * @param {{ log?: (line: string) => void }} [options]
 */
export function ensureNodeBase(engine, { log } = {}) {
  return ensureImage(engine, nodeBase, { log });
}

const CONTEXT = [
  'Dockerfile',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'src',
  'assets',
  'drills',
  'helper',
];

/** In place of node:22-slim: Node.js, a shell and tools, and the user `node`. @type {import('./ensure.mjs').ImageSpec} */
const nodeBase = {
  tag: 'pitwall-demo/node:1',
  official: 'node:22-slim',
  suite: SUITE,
  packages: ['libstdc++6', 'libgcc-s1'],
  prune: ['usr/lib/*/gconv'],
  node: true,
  folders: ['/home/node:node:755'],
  config: ['CMD ["node"]'],
};

function vendor(folder) {
  cpSync(join(repository, 'dist'), join(folder, 'dist'), { recursive: true });
  const { dependencies } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  for (const [to, from] of Object.entries(packageClosure(Object.keys(dependencies)))) {
    mkdirSync(dirname(join(folder, to)), { recursive: true });
    cpSync(from, join(folder, to), { recursive: true, verbatimSymlinks: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const host = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  buildPitwallImage({ host }, process.argv[2] ?? 'pitwall:local', { log: progress() }).catch((error) => {
    process.exitCode = report(error);
  });
}
