import { containerBook } from '../../container/book.ts';
import { plainName } from '../../container/names.ts';
import { chosenAliases } from '../../container/networks.ts';
import { isPitwalls } from '../../container/own.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import { isSkipped, labels, serviceKey, type Target } from '../../domain/target.ts';

/** What a target needs to live, as far as anybody says. */
export interface Peers {
  /** `said`: by the drill or by Compose; `guessed`: whatever else is on its networks. */
  readonly how: 'said' | 'guessed';
  /** One of each service, what others need first; empty when it needs nothing, or nothing is known of. */
  readonly containers: readonly ContainerInspect[];
  /** Those that the target itself needs, for people. */
  readonly names: readonly string[];
  /** Why what stands for them cannot be had; null when it can. */
  readonly obstacle: string | null;
}

/** Compose writes `db:service_healthy:false,cache:service_started:true`; engines and versions differ in what follows the name. */
export const dependsOnLabel = 'com.docker.compose.depends_on';
const mostPeers = 8;

/** The containers that stand for what the target needs, and for what those need, among those that run. */
export function findPeers(
  target: Target,
  said: Readonly<Record<string, readonly string[]>>,
  everything: readonly ContainerInspect[],
): Peers {
  const running = everything.filter((one) => one.Id !== target.id);
  const names = neededBy(target.inspect, said);
  if (names === null) {
    const around = aroundOf(target.inspect, running);
    const { found, missing } = closure(target.inspect, around, running, said);
    return { how: 'guessed', containers: found, names: around.map(nameOf), obstacle: obstacleOf(found, missing) };
  }
  const { direct, missing: lacking } = resolve(target.inspect, names, running);
  const { found, missing } = closure(target.inspect, direct, running, said);
  return { how: 'said', containers: found, names, obstacle: obstacleOf(found, [...lacking, ...missing]) };
}

/** All that runs, by name, without what is ours. */
export async function whatRuns(engine: Pick<Engine, 'list' | 'inspect'>, signal: AbortSignal): Promise<ContainerInspect[]> {
  const all = await containerBook(engine)({ signal });
  return all.filter(({ State, Config }) => State.Running && !isPitwalls(Config.Labels ?? {})).sort((a, b) => (a.Name < b.Name ? -1 : 1));
}

/** Names of services or containers; null when nobody says. */
export function neededBy(inspect: ContainerInspect, said: Readonly<Record<string, readonly string[]>>): readonly string[] | null {
  const own = inspect.Config.Labels ?? {};
  const service = own[labels.composeService];
  const given = said[plainName(inspect.Name)] ?? (service === undefined ? undefined : said[service]);
  if (given !== undefined) return given;
  const written = own[dependsOnLabel];
  if (written === undefined || written.trim() === '') return null;
  return (
    written
      .split(',')
      .map((entry) => entry.trim().split(':'))
      // a job that has ended by then is nothing that can be absent
      .filter(([, condition]) => condition !== 'service_completed_successfully')
      .map(([name]) => name ?? '')
      .filter((name) => name !== '')
  );
}

/** The names under which others know it, in whatever network. */
export function aliasesOf(inspect: ContainerInspect): string[] {
  const service = inspect.Config.Labels?.[labels.composeService];
  const aliases = Object.values(inspect.NetworkSettings.Networks).flatMap((endpoint) => chosenAliases(inspect, endpoint));
  return [...new Set([plainName(inspect.Name), ...(service === undefined ? [] : [service]), ...aliases])];
}

function aroundOf(inspect: ContainerInspect, running: readonly ContainerInspect[]): ContainerInspect[] {
  // on the default bridge nobody has a name, so nobody is looked for there
  const own = Object.keys(inspect.NetworkSettings.Networks).filter((name) => !['bridge', 'host', 'none'].includes(name));
  const shares = (other: ContainerInspect) => Object.keys(other.NetworkSettings.Networks).some((name) => own.includes(name));
  return oneOfEach(running.filter((other) => shares(other) && keyOf(other) !== keyOf(inspect) && !isSkipped(other.Config.Labels)));
}

function resolve(
  inspect: ContainerInspect,
  names: readonly string[],
  running: readonly ContainerInspect[],
): { readonly direct: ContainerInspect[]; readonly missing: string[] } {
  const project = inspect.Config.Labels?.[labels.composeProject];
  const found = names.map((name) =>
    running.find(
      ({ Name, Config }) =>
        plainName(Name) === name ||
        (project !== undefined && Config.Labels?.[labels.composeProject] === project && Config.Labels[labels.composeService] === name),
    ),
  );
  return {
    direct: oneOfEach(found.filter((one) => one !== undefined)),
    missing: names.filter((_, at) => found[at] === undefined).map((name) => `${name} does not run`),
  };
}

/** With what those need in turn; what others need comes first. */
function closure(
  target: ContainerInspect,
  direct: readonly ContainerInspect[],
  running: readonly ContainerInspect[],
  said: Readonly<Record<string, readonly string[]>>,
): { readonly found: ContainerInspect[]; readonly missing: string[] } {
  const found: ContainerInspect[] = [];
  const missing: string[] = [];
  const seen = new Set([keyOf(target)]);
  const visit = (one: ContainerInspect) => {
    if (seen.has(keyOf(one))) return;
    seen.add(keyOf(one));
    const next = resolve(one, neededBy(one, said) ?? [], running);
    missing.push(...next.missing);
    for (const peer of next.direct) visit(peer);
    found.push(one);
  };
  for (const one of direct) visit(one);
  return { found, missing };
}

function obstacleOf(found: readonly ContainerInspect[], missing: readonly string[]): string | null {
  const skipped = found.filter(({ Config }) => isSkipped(Config.Labels)).map(nameOf);
  if (missing.length > 0) return missing.join(', ');
  if (skipped.length > 0) return `${skipped.join(', ')} must be left alone (${labels.skip})`;
  return found.length > mostPeers ? `that would be ${found.length} clones, at most ${mostPeers} are made` : null;
}

function oneOfEach(containers: readonly ContainerInspect[]): ContainerInspect[] {
  return [...new Map(containers.toReversed().map((one) => [keyOf(one), one])).values()].reverse();
}

function keyOf(inspect: ContainerInspect): string {
  return serviceKey({ name: plainName(inspect.Name), labels: inspect.Config.Labels ?? {} });
}

function nameOf(inspect: ContainerInspect): string {
  return inspect.Config.Labels?.[labels.composeService] ?? plainName(inspect.Name);
}
