import { keyOf, type Scope, type Table } from './measure.ts';
import { type Probe, portsOf, type Seen } from './probes.ts';
import type { Answer, Listening } from './reach-lines.ts';
import type { Vantage } from './vantage.ts';
import type { Place } from './world.ts';

/** UDP counts only where a helper hears it: at the workload's own port when that is free, else at another beside it. */
export async function measureUdp(seen: Seen, vantages: ReadonlyMap<string, Vantage>, probes: readonly Probe[], { params, runId }: Scope) {
  const answers = new Map<string, Table>();
  const ports = new Map<string, Listening>();
  const ways = probes.filter(
    ({ protocol, notProbed, way, to }) =>
      protocol === 'udp' && notProbed === null && way === 'direct' && to !== null && vantages.has(to.id),
  );
  if (ways.length === 0) return { answers, ports };
  const prefix = `pitwall ${runId} `;
  const places = [...new Set(ways.map(({ to }) => to).filter((to) => to !== null))];
  for (const place of places) {
    const wanted = portsOf(place, params, seen.owns.get(place.id)).filter(({ protocol }) => protocol === 'udp');
    ports.set(
      place.id,
      (await vantages.get(place.id)?.listen(
        wanted.map(({ port }) => port),
        prefix,
      )) ?? {},
    );
  }
  const sent = new Map<
    string,
    { readonly asker: string; readonly address: string; readonly port: number; readonly answer: Answer | undefined }
  >();
  const send = async (asker: string, all: readonly { readonly address: string; readonly port: number; readonly at: number }[]) => {
    const spots = all.map(({ address, at }, key) => ({ key, address, port: at, token: `${prefix}${asker.slice(0, 12)} ${key}` }));
    const got = new Map((await vantages.get(asker)?.send(spots))?.map((answer) => [answer.key, answer]));
    for (const [key, { token }] of spots.entries())
      sent.set(token, { asker, address: all[key]?.address ?? '', port: all[key]?.port ?? 0, answer: got.get(key) });
  };
  await Promise.all(
    [...vantages.keys()].map((asker) => {
      const mine = ways.filter(({ from }) => from.id === asker).flatMap(({ to, address, port }) => at(to, address, port));
      const self = ways
        .filter(({ to }) => to?.id === asker)
        .flatMap(({ to, address, port }) => (address.includes('%') ? [] : at(to, address, port)));
      return send(asker, [...mine, ...new Map(self.map((spot) => [keyOf(spot), spot])).values()]);
    }),
  );
  const heard = new Set((await Promise.all(places.map(async ({ id }) => (await vantages.get(id)?.heard()) ?? []))).flat());
  for (const [token, { asker, address, port, answer }] of sent) {
    const arrived = heard.has(token);
    const isOwn = places.some((place) => place.id === asker && place.addresses.some((one) => one.address === address));
    const table = answers.get(isOwn ? 'own' : asker) ?? new Map<string, Answer>();
    answers.set(isOwn ? 'own' : asker, table);
    if (isOwn && !arrived) continue;
    table.set(`${address} ${port}`, {
      key: 0,
      tries: 1,
      errno: answer?.errno ?? null,
      reach: arrived ? 'open' : answer?.reach === 'sent' ? 'timeout' : (answer?.reach ?? 'error'),
    });
  }
  return { answers, ports };

  function at(to: Place | null, address: string, port: number) {
    const bound = to === null ? null : ports.get(to.id)?.[String(port)];
    return bound === null || bound === undefined ? [] : [{ address, port, at: bound }];
  }
}
