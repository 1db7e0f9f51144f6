import { engineCall } from './api.mjs';

/**
 * The containers, networks and volumes of an engine that carry one of these labels, as words for a message.
 *
 * @param {{ host: string }} engine
 * @param {string[]} labels
 */
export async function leftBehind(engine, labels) {
  const found = new Set();
  for (const label of labels) {
    const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
    const get = async (path) => (await engineCall(engine.host, 'GET', path)).json();
    for (const one of await get(`/containers/json?all=1&filters=${filters}`)) found.add(`container ${one.Names[0]}`);
    for (const one of await get(`/networks?filters=${filters}`)) found.add(`network ${one.Name}`);
    for (const one of (await get(`/volumes?filters=${filters}`)).Volumes ?? []) found.add(`volume ${one.Name}`);
  }
  return [...found];
}
