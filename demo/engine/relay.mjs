import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endProcess, identify } from '../lib/process.mjs';

/**
 * Makes ports on 127.0.0.1 of an engine's own network namespace reachable on 127.0.0.1 of the machine. Does nothing for an engine that
 * has no namespace of its own.
 *
 * @param {import('./engine.mjs').EngineHandle} engine
 * @param {number[]} ports
 * @returns {Promise<{ stop: () => Promise<void> }>}
 * @throws {NodeJS.ErrnoException} EADDRINUSE, with the `port` that is taken
 */
export async function relayPorts(engine, ports) {
  if (engine.enter.length === 0) return { stop: async () => {} };
  // A unix socket does not care about network namespaces: one process on either side of it.
  const folder = mkdtempSync(join(tmpdir(), 'pitwall-relay-'));
  const servers = [];
  let inside;
  const stop = async () => {
    for (const server of servers) server.close();
    if (inside) await endProcess(identify(inside.pid), 2_000);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const port of ports) servers.push(await listen(port, join(folder, String(port))));
    const [command, ...args] = [...engine.enter, process.execPath, fileURLToPath(new URL('relay-inside.mjs', import.meta.url))];
    inside = spawn(command, [...args, folder, ...ports.map(String)], { stdio: 'ignore', detached: true });
    inside.unref();
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function listen(port, socket) {
  return new Promise((resolve, reject) => {
    const server = createServer((outside) => couple(outside, connect(socket)));
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.unref();
      resolve(server);
    });
  });
}

function couple(one, other) {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ])
    from.pipe(to).on('error', () => from.destroy());
}
