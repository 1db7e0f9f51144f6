import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repository } from './lib/repository.mjs';
import { shopPort } from './shop/compose.mjs';

/**
 * Starts the shop's customers.
 *
 * @param {import('./engine/engine.mjs').EngineHandle} engine
 * @returns {{ stop: () => Promise<{ requests: number, failed: number, p50Ms: number, p99Ms: number } | undefined> }}
 */
export function startLoad(engine) {
  const url = `http://127.0.0.1:${shopPort()}`;
  const [command, ...args] = [...engine.enter, process.execPath, join(repository, 'demo/shop/load.mjs'), url];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  let counted;
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    return text ? JSON.parse(text) : undefined;
  };
  return { stop: () => (counted ??= stop()) };
}
