import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hasDebianTools } from '../debian/archive.mjs';
import { engineRequest } from '../engine/api.mjs';
import { UserError } from '../lib/user-error.mjs';
import { canPull } from './can-pull.mjs';
import { buildFromDebian } from './from-debian.mjs';
import { buildFromOfficial } from './from-official.mjs';

/**
 * What an image is made of. It presents the same entry point whether it is made from the official image or from Debian packages.
 *
 * @typedef {object} ImageSpec
 * @property {string} tag
 * @property {string} official the image that is used where images can be pulled
 * @property {string} suite the Debian suite that is used where they cannot
 * @property {string[]} packages
 * @property {boolean} [install] the official image lacks the packages: they are installed in it
 * @property {string[]} [prune] paths in those packages that it does not need
 * @property {Record<string, string>} [files] path in the image → file or folder to copy there; modes are kept
 * @property {boolean} [node] with the Node.js that runs this, when made from Debian packages
 * @property {string[]} [folders] folders to make, as `path:owner:mode`; owners are root, postgres, redis and node
 * @property {string[]} config Dockerfile lines of CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, STOPSIGNAL, USER, VOLUME, WORKDIR
 */

/**
 * Makes sure that the engine has an image, made from these very inputs.
 *
 * @param {{ host: string }} engine
 * @param {ImageSpec} spec
 * @param {{ log?: (line: string) => void }} [options]
 * @returns {Promise<string>} its tag
 */
export async function ensureImage(engine, spec, { log } = {}) {
  const inputs = digest(spec);
  const present = await engineRequest(engine.host, 'GET', `/images/${spec.tag}/json`);
  if (present.status === 200 && present.json().Config?.Labels?.[INPUTS] === inputs) return spec.tag;
  const labelled = { ...spec, config: [...spec.config, `LABEL ${INPUTS}=${inputs}`] };
  if (await canPull(engine, { log })) {
    log?.(`making ${spec.tag} from ${spec.official}`);
    await buildFromOfficial(engine, labelled);
  } else if (await hasDebianTools()) {
    log?.(`making ${spec.tag} from Debian packages`);
    await buildFromDebian(engine, labelled, { log });
  } else {
    throw new UserError(
      `${spec.tag} cannot be made: the engine can pull no images, and this machine has no apt to make them from Debian packages`,
      {
        hint: `let the engine pull ${spec.official}, or run this on Debian or Ubuntu`,
      },
    );
  }
  return spec.tag;
}

const INPUTS = 'io.pitwall.inputs';

function digest({ files = {}, ...rest }) {
  const hash = createHash('sha256').update(JSON.stringify([RECIPE, rest, rest.node ? process.version : '']));
  for (const [to, from] of Object.entries(files)) addFile(hash, to, from);
  return hash.digest('hex').slice(0, 16);
}

function addFile(hash, to, from) {
  const stat = statSync(from);
  hash.update(`${to} ${stat.mode}\n`);
  if (!stat.isDirectory()) hash.update(readFileSync(from));
  else for (const name of readdirSync(from).sort()) addFile(hash, join(to, name), join(from, name));
}

/** Goes up when the way of making an image changes, so that images made the old way are made again. */
const RECIPE = 1;
