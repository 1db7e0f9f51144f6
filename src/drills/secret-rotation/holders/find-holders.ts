import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import { plainName } from '../../../container/names.ts';
import { sameService } from '../../../container/same-service.ts';
import type { ContainerInspect } from '../../../domain/engine/containers.ts';
import { saltedHash } from '../../../domain/salted-hash.ts';
import type { Secret } from '../../../domain/secret.ts';
import { labels } from '../../../domain/target.ts';
import { secretsInVariables } from '../../../probes/catalogue/secret-shapes.ts';
import { isBelow } from './archive-tree.ts';
import type { SearchScope, Unread } from './contract.ts';
import { needleOf, shortestSought } from './forms.ts';
import { type HeldFile, heldFiles, howMounted, mountOver, mountsOf } from './held-files.ts';
import type { InsideOptions } from './inside.ts';
import { inspectTexts } from './inspect-texts.ts';
import { type Limits, surveyOf } from './survey.ts';

/** `pitwall.secrets: db_password,redis_password` on a container says which secrets it holds. */
export const secretsLabel = 'pitwall.secrets';

export interface HoldersRequest {
  /** The value; null where it is not known: then nothing is found by it, which is said. */
  readonly secret: Secret | null;
  /** What `pitwall.secrets` calls it; null where nobody does. */
  readonly name: string | null;
  /** Files of containers that are known to hold it: whoever has the same file, folder or volume mounted holds it too. */
  readonly files: readonly { readonly container: ContainerInspect; readonly path: string }[];
  /** Ids of the Swarm services that refer to it. */
  readonly swarmServices?: readonly string[];
  /** Containers that the drill reckons with: its consumers, and the servers that check the secret. Replicas of theirs count as well. */
  readonly named: readonly ContainerInspect[];
}

export type FoundBy = 'label' | 'mount' | 'swarm' | 'value';

export interface HolderPlace {
  /** `environment DB_PASSWORD`, `file /run/secrets/db_password (bind, one file)`, `label pitwall.secrets`. */
  readonly place: string;
  readonly foundBy: readonly FoundBy[];
}

export interface Holder {
  readonly id: string;
  readonly container: string;
  /** Of Compose or Swarm. */
  readonly service: string | null;
  readonly places: readonly HolderPlace[];
  /** False: it holds it too, but the drill does not reckon with it. */
  readonly named: boolean;
}

export interface Holders {
  /** By name. */
  readonly holders: readonly Holder[];
  /** Where it may be as well, for all that could be seen. */
  readonly unread: readonly Unread[];
  /** Containers that were looked at. */
  readonly searched: number;
}

/** Which running containers hold a secret, and where. Only reads. Throws the engine's error when it is lost, and the signal's reason. */
export async function findHolders(
  scope: SearchScope,
  request: HoldersRequest,
  options: Partial<Limits> & InsideOptions = {},
): Promise<Holders> {
  const survey = surveyOf(scope, options, options);
  const match = matcherOf(request.secret);
  if (request.secret === null) survey.say(null, 'environments and files: the value of the secret is not known');
  else if (needleOf(request.secret) === null)
    survey.say(null, `longer texts: a secret of under ${shortestSought} characters is found anywhere, so only whole values were compared`);
  const running = await scope.engine.list({}, { signal: survey.reading.signal });
  const seen = await survey.each(
    running.map(({ id }) => id),
    async (inspect): Promise<Holder> => {
      const texts = inspectTexts(inspect).filter(({ kind, text }) => (kind === 'environment' || kind === 'command') && match(text));
      const files = request.secret === null ? [] : await heldFiles(inspect, survey);
      const places = [
        ...declared(inspect, request),
        ...mounted(inspect, request),
        ...texts.map(({ place }) => ({ place, by: 'value' as const })),
        ...files.filter(({ content }) => match(content)).map((file) => ({ place: placeOf(file), by: 'value' as const })),
      ];
      return holderOf(inspect, places, request.named);
    },
  );
  const holders = seen.filter(({ places }) => places.length > 0).toSorted((a, b) => a.container.localeCompare(b.container));
  return { holders, unread: survey.unread, searched: seen.length };
}

interface Found {
  readonly place: string;
  readonly by: FoundBy;
}

function holderOf(inspect: ContainerInspect, found: readonly Found[], named: readonly ContainerInspect[]): Holder {
  const all = inspect.Config.Labels ?? {};
  const places = [...new Set(found.map(({ place }) => place))];
  return {
    id: inspect.Id,
    container: plainName(inspect.Name),
    service: all[labels.composeService] ?? all['com.docker.swarm.service.name'] ?? null,
    places: places.map((place) => ({ place, foundBy: [...new Set(found.filter((one) => one.place === place).map(({ by }) => by))] })),
    named: named.some((one) => one.Id === inspect.Id || sameService(one, inspect)),
  };
}

/** As SEC-07 compares: whole values by salted hash. And, as the value is at hand here, what holds it within something longer. */
function matcherOf(secret: Secret | null): (content: string | Buffer) => boolean {
  if (secret === null) return () => false;
  const hashed = saltedHash(randomBytes(32));
  const sought = hashed(secret.reveal().trim());
  const needle = needleOf(secret);
  return (content) => {
    const text = content.toString().trim();
    // in a URL it may be short
    const within = secretsInVariables([`_=${text}`]).flatMap(({ value }) => [value, percentDecoded(value)]);
    const whole = [text, text.replace(/^(['"])(.*)\1$/s, '$2'), Buffer.from(text, 'base64').toString().trim(), ...within];
    return whole.some((value) => hashed(value) === sought) || (needle?.find(content) ?? null) !== null;
  };
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function declared(inspect: ContainerInspect, { name, swarmServices = [] }: HoldersRequest): Found[] {
  const all = inspect.Config.Labels ?? {};
  const holds = (all[secretsLabel] ?? '').split(',').map((one) => one.trim());
  const service = all['com.docker.swarm.service.id'];
  return [
    ...(name !== null && holds.includes(name) ? [{ place: `label ${secretsLabel}`, by: 'label' as const }] : []),
    ...(service !== undefined && swarmServices.includes(service) ? [{ place: 'secret of its Swarm service', by: 'swarm' as const }] : []),
  ];
}

/** By where it lies on the host, volumes too. */
function mounted(inspect: ContainerInspect, { files }: HoldersRequest): Found[] {
  return files.flatMap(({ container, path }) => {
    const over = mountOver(container, path);
    if (over === null || over.source === '') return [];
    const host = posix.join(over.source, path.slice(over.path.length));
    return mountsOf(inspect).flatMap((mount): Found[] => {
      if (mount.source === '' || !isBelow(host, mount.source)) return [];
      const isFile = host === mount.source;
      const at = isFile ? mount.path : posix.join(mount.path, host.slice(mount.source.length));
      return [{ place: placeOf({ path: at, how: howMounted(mount, isFile) }), by: 'mount' }];
    });
  });
}

function placeOf({ path, how }: Pick<HeldFile, 'path' | 'how'>): string {
  return `file ${path} (${how})`;
}
