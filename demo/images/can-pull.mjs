import { engineRequest } from '../engine/api.mjs';

/** @type {WeakMap<object, Promise<boolean>>} */
const answers = new WeakMap();

/**
 * Whether the engine can reach the registry of the official images. It is asked once for an engine, with a short time-out.
 * PITWALL_PULL=never or PITWALL_PULL=always answers instead.
 */
export function canPull(engine, { log } = {}) {
  if (process.env.PITWALL_PULL) return Promise.resolve(process.env.PITWALL_PULL !== 'never');
  if (!answers.has(engine)) answers.set(engine, ask(engine, log));
  return answers.get(engine);
}

async function ask(engine, log) {
  try {
    // The engine fetches the manifest itself: this tests its way to the registry, not ours.
    const answer = await engineRequest(engine.host, 'GET', '/distribution/busybox:stable-musl/json', { timeout: 8_000 });
    if (answer.status === 200) return true;
    log?.('the engine cannot pull images');
  } catch {
    log?.('the engine cannot pull images: no answer within 8 s');
  }
  return false;
}
