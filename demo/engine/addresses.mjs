import { run } from '../lib/run.mjs';

/**
 * Addresses for an engine of ours that nothing on this machine routes yet: a /24 for its bridge and a /16 for its networks.
 *
 * @param {string[]} inside what comes before a command so that it runs in the engine's network namespace
 * @param {NodeJS.ProcessEnv} env
 */
export async function freeRange(inside, env) {
  const [command, ...args] = [...inside, 'ip', '-4', 'route', 'show', 'table', 'all'];
  const { out } = await run(command, args, { env });
  const taken = new Set([...out.matchAll(/\b10\.(\d+)\.\d+\.\d+/g)].map((match) => Number(match[1])));
  for (let second = 213; second < 254; second += 2) {
    if (!taken.has(second) && !taken.has(second + 1)) return { bridge: `10.${second}.0`, pool: `10.${second + 1}.0` };
  }
  throw new Error('no free range of addresses between 10.213.0.0 and 10.254.0.0');
}
