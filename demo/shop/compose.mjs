import { join } from 'node:path';
import { repository } from '../lib/repository.mjs';
import { run } from '../lib/run.mjs';
import { UserError } from '../lib/user-error.mjs';
import { ensureShopSecrets, firstRole } from './secrets.mjs';

/**
 * Starts the shop and waits until all of it is healthy.
 *
 * @param {import('../engine/engine.mjs').EngineHandle} engine
 * @param {{ signal?: AbortSignal }} [options]
 */
export async function shopUp(engine, { signal } = {}) {
  const { code, err } = await compose(engine, ['up', '--detach', '--wait', '--wait-timeout', '120', '--pull', 'never'], signal);
  if (code === 0) return;
  signal?.throwIfAborted();
  const taken = /(?:port is already allocated|address already in use)/.test(err);
  if (taken) throw portTaken(shopPort());
  const { out } = await compose(engine, ['ps', '--all', '--format', '{{.Name}}: {{.Status}}']);
  const logs = await compose(engine, ['logs', '--no-color', '--tail', '5']);
  throw new Error(`the shop did not start: ${err.trim().split('\n').pop()}\n${out}${logs.out}`);
}

/** Removes the shop with its networks and volumes; whatever else carries its project's label goes too. */
export async function shopDown(engine) {
  const { code, err } = await compose(engine, ['down', '--volumes', '--remove-orphans', '--timeout', '5']);
  if (code !== 0) throw new Error(`the shop was not removed:\n${err.trim()}`);
  firstRole();
}

/** The port on 127.0.0.1 where the shop's front is: SHOP_PORT, or 8080. */
export function shopPort() {
  return Number(process.env.SHOP_PORT || 8080);
}

export function portTaken(port) {
  return new UserError(`port ${port} on 127.0.0.1 is taken by another program`, {
    hint: `end that program, or choose another port: SHOP_PORT=${port + 1} npm run demo`,
  });
}

async function compose(engine, args, signal) {
  const env = { ...process.env, ...engine.env, ...ensureShopSecrets(), SHOP_PORT: String(shopPort()) };
  const [command, ...first] = await composeCommand(env);
  return run(command, [...first, '-f', join(repository, 'demo/shop/docker-compose.yml'), ...args], { env, signal, anyway: true });
}

/** Compose as a plugin of the client, or as the program of its own that older systems have. */
async function composeCommand(env) {
  for (const command of [['docker', 'compose'], ['docker-compose']]) {
    const { code, out } = await run(command[0], [...command.slice(1), 'version', '--short'], { env, anyway: true });
    if (code === 0 && /^v?([2-9]|\d\d)\./.test(out.trim())) return command;
  }
  throw new UserError('Docker Compose 2 or later is not on PATH', {
    hint: 'install the Compose plugin: https://docs.docker.com/compose/install/',
    exitCode: 2,
  });
}
