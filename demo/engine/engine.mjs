import { delimiter } from 'node:path';
import { hasDebianTools } from '../debian/archive.mjs';
import { which } from '../lib/run.mjs';
import { UserError } from '../lib/user-error.mjs';
import { findEngine } from './find.mjs';
import { clientPrograms } from './programs.mjs';
import { startEngine } from './start.mjs';

/**
 * A Docker Engine that can be used.
 *
 * @typedef {object} EngineHandle
 * @property {string} host for DOCKER_HOST
 * @property {string} from where it was found
 * @property {NodeJS.ProcessEnv} env DOCKER_HOST, and PATH with a docker client and Compose; to lay over the environment of what uses it
 * @property {string | undefined} bin the folder of the programs that were brought, if any were
 * @property {string | undefined} registry host:port of the registry that was started with it
 * @property {string[]} enter what comes before a command so that the ports which the engine publishes are on its 127.0.0.1; mostly nothing
 * @property {boolean} started whether we started it
 * @property {() => Promise<void>} stop ends what we started; does nothing to an engine that was found
 */

/**
 * Finds a Docker Engine, or brings one up where there is none. One that is found is used as it is.
 *
 * @param {object} [options]
 * @param {(line: string) => void} [options.log]
 * @param {string} [options.suite] for the engine that is brought up: see startEngine
 * @returns {Promise<EngineHandle>}
 */
export async function ensureEngine({ log, suite } = {}) {
  const found = await findEngine();
  if (found) {
    log?.(`using the engine at ${found.host} (${found.from})`);
    return useFound(found, log);
  }
  if (!(process.platform === 'linux' && process.getuid() === 0 && (await hasDebianTools()))) {
    throw new UserError('no Docker Engine answers, and one is brought up only on Debian and Ubuntu, as root', {
      hint: WHAT_TO_INSTALL,
      exitCode: 2,
    });
  }
  return startEngine({ suite, log });
}

async function useFound({ host, from }, log) {
  const complete = Boolean(await which('docker')) || Boolean(await which('docker-compose'));
  const bin = complete || !(await hasDebianTools()) ? undefined : (await clientPrograms({ log })).bin;
  const PATH = bin ? [process.env.PATH, bin].join(delimiter) : process.env.PATH;
  return { host, from, bin, registry: undefined, enter: [], started: false, env: { DOCKER_HOST: host, PATH }, stop: async () => {} };
}

const WHAT_TO_INSTALL = `one of these, start it, and run this again
  Docker Engine   https://docs.docker.com/engine/install/ (Linux)
  Docker Desktop  https://docs.docker.com/desktop/ (macOS, Windows, Linux)
  colima          https://github.com/abiosoft/colima (macOS, Linux): brew install colima docker docker-compose && colima start
  rootless        https://docs.docker.com/engine/security/rootless/ (Linux, without root): dockerd-rootless-setuptool.sh install
or set DOCKER_HOST to an engine that runs elsewhere`;
