import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive } from './process.mjs';

/**
 * Does `work` while holding the lock file `path`, which names the process that holds it. A lock whose process has ended is taken over.
 *
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @param {{ log?: (line: string) => void }} [options]
 * @returns {Promise<T>}
 */
export async function withLock(path, work, { log } = {}) {
  let told = false;
  while (!take(path)) {
    if (!told) log?.(`waiting for process ${holder(path)?.pid ?? '?'}, which holds ${path}`);
    told = true;
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path) {
  const mine = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(mine, JSON.stringify(identify(process.pid)));
  try {
    // A link appears whole or not at all, so nobody reads half a lock.
    linkSync(mine, path);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    dropStale(path);
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

function dropStale(path) {
  const seen = holder(path);
  if (!seen || isAlive(seen)) return;
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
    // Between the look and the move another process may have taken it over: give that one its lock back.
    if (isAlive(holder(aside))) linkSync(aside, path);
    rmSync(aside, { force: true });
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  }
}

/** @returns {import('./process.mjs').ProcessId | undefined} */
function holder(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
