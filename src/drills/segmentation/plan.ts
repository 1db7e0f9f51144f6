import { formatDuration } from '../../domain/duration.ts';
import type { Plan, PlanContext } from '../../domain/kind.ts';
import { endpointText } from '../../probes/addresses.ts';
import { refuseFarDecoy } from '../../probes/far-decoy.ts';
import { gatewaysOf } from '../../probes/gateways.ts';
import type { Params } from './params.ts';
import { idleRules, refuseUnknown } from './policy.ts';
import { hostPorts, isOther, mostHostListeners, nowhere, portsOf } from './probes.ts';
import { lookAround, type Place, type World } from './world.ts';

/**
 * Who will be asked what, as far as it is known before a namespace is looked into. Throws `InvalidError` when the policy names somebody
 * who is not there, or when the decoy lies outside and nothing may go there.
 */
export async function plan({ engine, params, targets, signal }: PlanContext<Params>): Promise<Plan> {
  const world = await lookAround(engine, targets, signal);
  refuseUnknown(params.policy, world);
  if (params.decoy !== null && !params.egress)
    refuseFarDecoy({ host: params.decoy.address, port: params.decoy.port }, [...world.networks.values()]);
  return {
    units: targets.map((target) => {
      const place = world.places.find((one) => one.targets.includes(target));
      return { targets: [target], untouched: true, actions: place === undefined ? [] : actionsFor(place, target.id, params, world) };
    }),
    idle: [],
    notes: notesOn(params, world),
  };
}

function actionsFor(place: Place, id: string, params: Params, world: World): string[] {
  if (place.hostNetwork) return [`say that ${place.name} is in the host’s network, where nothing can be kept from it; connect to nothing`];
  if (place.target?.id !== id) return [`nothing of its own: it lives in the network of ${place.name}`];
  const others = world.places.filter((to) => isOther(place, to, params) && !to.skip && !to.hostNetwork);
  const known = others.map((to) => {
    const ports = portsOf(to, params, undefined).map(({ port, protocol }) => `${port}${protocol === 'udp' ? '/udp' : ''}`);
    const addresses = to.addresses.filter(({ scope }) => scope === 'global').map(({ address }) => address);
    return `${to.service} at ${addresses.join(', ') || 'no address'}${ports.length > 0 ? ` on ${ports.join(', ')}` : ''}`;
  });
  const gateways = gatewaysOf(place.inspect, place.networks, [...world.networks.values()]);
  const outside = params.decoy ?? (params.egress ? nowhere : null);
  return [
    `start a helper without capabilities in the network of ${place.name} (node reach.js), read /proc/net/tcp, tcp6, udp and udp6 there`,
    `connect, 1 s and once again where no answer comes, and hang up without a word: ${known.join('; ') || 'nobody'}; and what else they listen on`,
    `connect to the host at ${gateways.join(', ') || 'no gateway'} and at the addresses of its own links, on ${hostPorts.join(', ')}, on whatever it listens on (${mostHostListeners} ports at most) and on what it publishes`,
    'send a datagram to each UDP port of the other targets at which a helper there can listen: that very port where it is free, else another beside it',
    ...(outside === null ? [] : [`connect to ${endpointText(outside.address, outside.port)}, which stands for the outside`]),
    ...(params.held > 0 ? [`hold what opens for ${formatDuration(params.held)}, then try again and see which of them live on`] : []),
    'remove the helper',
  ];
}

function notesOn(params: Params, world: World): string[] {
  const names = (some: readonly Place[]) => some.map(({ name }) => name).join(', ');
  const strangers = world.places.filter(({ target, skip }) => target === null && !skip);
  const skips = world.places.filter(({ skip }) => skip);
  return [
    'one more helper reads what the host listens on, and connects to the same addresses from there, as the control',
    ...(strangers.length > 0
      ? [`not targets, so only connected to, on the ports that are declared or published: ${names(strangers)}`]
      : []),
    ...(skips.length > 0 ? [`labelled pitwall.skip, so left out and shown as ?: ${names(skips)}`] : []),
    ...idleRules(params.policy, world).map((rule) => `nothing can be said of ${rule.from} → ${rule.to}: one of them does not run`),
    ...(params.held > 0
      ? [`${formatDuration(params.held)} are spent holding: safety.timeout must leave that and a few minutes more, or it ends the run`]
      : []),
    ...(params.decoy === null && !params.egress ? ['the outside is not tried: that needs params.decoy, or egress: true'] : []),
  ];
}
