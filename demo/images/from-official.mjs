import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { engineCall } from '../engine/api.mjs';
import { cacheFolder } from '../lib/cache.mjs';
import { ownedFolders } from './owned-folders.mjs';
import { sendTar } from './send-tar.mjs';

/**
 * Makes an image from the official one, with the spec's files and settings on top, by the engine's classic builder.
 *
 * @param {{ host: string }} engine
 * @param {import('./ensure.mjs').ImageSpec} spec
 */
export async function buildFromOfficial(engine, spec) {
  const context = mkdtempSync(join(cacheFolder('images'), 'context-'));
  try {
    writeFileSync(join(context, 'Dockerfile'), dockerfile(spec));
    for (const [to, from] of Object.entries(spec.files ?? {})) {
      mkdirSync(dirname(join(context, 'files', to)), { recursive: true });
      cpSync(from, join(context, 'files', to), { recursive: true, dereference: true });
    }
    await buildImage(engine, context, spec.tag);
  } finally {
    rmSync(context, { recursive: true });
  }
}

/**
 * Builds a folder that holds a Dockerfile.
 * @param {{ host: string }} engine
 * @param {string} context
 * @param {string} tag
 * @param {Record<string, string>} [buildArgs]
 */
export async function buildImage(engine, context, tag, buildArgs = {}) {
  const query = new URLSearchParams({ t: tag, forcerm: '1', buildargs: JSON.stringify(buildArgs) });
  const tar = spawn('tar', ['-C', context, '--owner=:0', '--group=:0', '-cf', '-', '.'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const answer = await sendTar(tar, (body) => engineCall(engine.host, 'POST', `/build?${query}`, { body, timeout: 600_000 }));
  const failed = answer.text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .find((line) => line.error);
  if (failed) throw new Error(`build of ${tag}: ${failed.error}`);
}

function dockerfile(spec) {
  const make = ownedFolders(spec).map(
    ({ path, owner, mode }) => `mkdir -p ${path} && chown ${owner}:${owner} ${path} && chmod ${mode} ${path}`,
  );
  return [
    `FROM ${spec.official}`,
    'USER root',
    ...(spec.install
      ? [`RUN apt-get update && apt-get install -y --no-install-recommends ${spec.packages.join(' ')} && rm -rf /var/lib/apt/lists/*`]
      : []),
    ...(make.length > 0 ? [`RUN ${make.join(' && ')}`] : []),
    ...(Object.keys(spec.files ?? {}).length > 0 ? ['COPY files/ /'] : []),
    ...spec.config,
    '',
  ].join('\n');
}
