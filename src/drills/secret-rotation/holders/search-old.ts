import { plainName } from '../../../container/names.ts';
import { allDone } from '../../../domain/all-done.ts';
import type { ContainerInspect } from '../../../domain/engine/containers.ts';
import type { Secret } from '../../../domain/secret.ts';
import type { Severity } from '../../../domain/words.ts';
import type { SearchScope, Unread } from './contract.ts';
import { type Form, needleOf, shortestSought } from './forms.ts';
import { heldFiles } from './held-files.ts';
import type { InsideOptions } from './inside.ts';
import { imageTexts, inspectTexts } from './inspect-texts.ts';
import { layerFiles } from './layer.ts';
import { logsSince } from './logs-since.ts';
import { type Limits, type Survey, surveyOf } from './survey.ts';

export interface OldRequest {
  /** `what` names each for people: `old`. */
  readonly values: readonly { readonly what: string; readonly secret: Secret }[];
  readonly containers: readonly SearchedContainer[];
  /** UTC ms: logs of containers from then on. */
  readonly since: number;
  /** What the run itself wrote, a line each: events, measurements, findings. */
  readonly logsOfRun: () => Iterable<string> | AsyncIterable<string>;
}

export interface SearchedContainer {
  readonly Id: string;
  /** It checks the credential and does not use it: what its environment says was read when it was first started. */
  readonly server: boolean;
}

export type PlaceKind = 'environment' | 'labels' | 'command' | 'settings' | 'file' | 'layer' | 'image' | 'logs' | 'run';

export interface OldPlace {
  /** Of the request's values. */
  readonly what: string;
  readonly kind: PlaceKind;
  /** Null: the run's own. */
  readonly container: string | null;
  /** `environment DATABASE_URL (URL-encoded)`. Never the value. */
  readonly place: string;
  /**
   * `medium`: a container that runs with it in its environment, its command or a file goes on presenting it, and fails when it next has to. `low`: it lies about, refused
   * by now, for whoever finds it (a server's own settings, labels, image, layer, logs, a container that has ended). `high`: Pitwall itself wrote it down.
   */
  readonly severity: Severity;
}

export interface OldFound {
  readonly places: readonly OldPlace[];
  readonly unread: readonly Unread[];
  /** What is never searched, whatever else was read. */
  readonly beyond: readonly string[];
  /** Containers that were looked at. */
  readonly searched: number;
}

const beyond = [
  'files in the layers of images',
  'the memory of processes',
  'backups, other hosts, and whatever logs and metrics were sent to',
];

/** Where values are that nothing should hold any more. Only reads. Throws the engine's error when it is lost, and the signal's reason. */
export async function searchOld(scope: SearchScope, request: OldRequest, options: Partial<Limits> & InsideOptions = {}): Promise<OldFound> {
  const survey = surveyOf(scope, options, options);
  const sought = soughtOf(request, survey);
  const places: OldPlace[] = [];
  const add: Add = (kind, container, place, severity, content) => {
    places.push(...sought.flatMap((one) => placeOf(one, sought, { kind, container, place, severity }, content)));
  };
  if (sought.length === 0) return { places, unread: survey.unread, beyond, searched: 0 };
  const servers = new Set(request.containers.filter(({ server }) => server).map(({ Id }) => Id));
  const seen = await survey.each(
    request.containers.map(({ Id }) => Id),
    async (inspect) => {
      await searchContainer(inspect, { survey, add, since: request.since, isServer: servers.has(inspect.Id) });
      return inspect;
    },
  );
  await Promise.all([...byImage(seen).values()].map((containers) => searchImage(containers, { survey, add })));
  const lines: string[] = [];
  for await (const line of request.logsOfRun()) lines.push(line);
  add('run', null, 'what the run itself wrote', 'high', lines.join('\n'));
  return { places: places.toSorted((a, b) => order(a).localeCompare(order(b))), unread: survey.unread, beyond, searched: seen.length };
}

type Add = (kind: PlaceKind, container: string | null, place: string, severity: Severity, content: string | Buffer) => void;

interface Sought {
  readonly what: string;
  find(content: string | Buffer): Form | null;
}

function soughtOf({ values }: OldRequest, survey: Survey): Sought[] {
  return values.flatMap(({ what, secret }) => {
    const needle = needleOf(secret);
    if (needle === null) survey.say(null, `everything, for the ${what} value: under ${shortestSought} characters are found anywhere`);
    return needle === null ? [] : [{ what, find: needle.find }];
  });
}

function placeOf(one: Sought, all: readonly Sought[], at: Omit<OldPlace, 'what'>, content: string | Buffer): OldPlace[] {
  const form = one.find(content);
  if (form === null) return [];
  const place = all.some(({ find }) => find(at.place) !== null) ? `${at.kind}, at a name that holds a value itself` : at.place;
  return [{ ...at, what: one.what, place: form === 'as it is' ? place : `${place} (${form})` }];
}

interface Looking {
  readonly survey: Survey;
  readonly add: Add;
}

async function searchContainer(
  inspect: ContainerInspect,
  { survey, add, since, isServer }: Looking & { readonly since: number; readonly isServer: boolean },
): Promise<void> {
  const name = plainName(inspect.Name);
  const held: Severity = inspect.State.Running && !isServer ? 'medium' : 'low';
  for (const { kind, place, text } of inspectTexts(inspect))
    add(kind === 'health' ? 'logs' : kind, name, place, kind === 'environment' || kind === 'command' ? held : 'low', text);

  const [files, log] = await allDone([
    filesOf(inspect, survey),
    survey.attempt(name, 'its log', () => logsSince(survey.reading, inspect.Id, since)),
  ]);
  for (const { path, how, content } of files.held) add('file', name, `file ${path} (${how})`, held, content);
  for (const { path, content } of files.written) add('layer', name, `file ${path}, written since it was made`, 'low', content);
  if (log === null) return;
  add('logs', name, 'what it printed since the run began', 'low', log.text);
  if (log.cut) survey.say(name, 'all of its log but the last lines: too much was printed since the run began');
}

/** Each once. */
async function filesOf(inspect: ContainerInspect, survey: Survey) {
  const held = await heldFiles(inspect, survey);
  const written = await layerFiles(inspect, survey);
  return { held, written: written.filter(({ path }) => !held.some((one) => one.path === path)) };
}

function byImage(containers: readonly ContainerInspect[]): ReadonlyMap<string, readonly ContainerInspect[]> {
  const found = new Map<string, ContainerInspect[]>();
  for (const one of containers) found.set(one.Image, [...(found.get(one.Image) ?? []), one]);
  return found;
}

async function searchImage(containers: readonly ContainerInspect[], { survey, add }: Looking): Promise<void> {
  const [first, ...others] = containers.toSorted((a, b) => a.Name.localeCompare(b.Name));
  if (first === undefined) return;
  const { engine, signal } = survey.reading;
  const name = plainName(first.Name);
  const image = `image ${[first.Config.Image, ...others.map((other) => plainName(other.Name))].join(', also of ')}`;
  const config = await survey.attempt(name, image, () => engine.inspectImage(first.Image, { signal }));
  for (const { place, text } of config === null ? [] : imageTexts(config)) add('image', name, `${image}: ${place}`, 'low', text);
  const history = await survey.attempt(name, `the history of ${image}`, () => engine.imageHistory(first.Image, { signal }));
  for (const [i, step] of (history ?? []).toReversed().entries())
    add('image', name, `${image}: step ${i + 1} of its history`, 'low', JSON.stringify(step));
}

function order({ container, kind, place, what }: OldPlace): string {
  return `${container ?? ''} ${kind} ${place} ${what}`;
}
