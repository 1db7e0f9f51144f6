import type { CreateBody } from '../../domain/engine/containers.ts';
import { booleanOf, nanosecondsOf, numberOf } from './amounts.ts';
import { confinementOf } from './confinement.ts';
import type { Variables } from './interpolate.ts';
import { type ComposeBind, type ComposeVolume, mountsOf } from './mounts.ts';
import { portsOf } from './ports.ts';
import { shellWords } from './shell-words.ts';
import { amountOf, type Data, isMap, listOf, mapOf, type Path, pairsOf, type Source, textOf, textsOf } from './source.ts';

/** A namespace or network of another service, or of nothing that the file makes. */
export interface ComposeModes {
  /** `host`, `none`, `bridge`, `service:NAME`, `container:NAME`; null for networks of the file. */
  readonly network: string | null;
  readonly pid: string | null;
  readonly ipc: string | null;
}

export interface ComposeService {
  readonly name: string;
  readonly image: string;
  /** The file only says how to build it: this is the name that Compose gives it. */
  readonly built: boolean;
  /** Of the service's key, from 1. */
  readonly line: number;
  /** Of the service's own keys; a key that came by `<<` or `extends` has the service's. */
  readonly lines: Readonly<Record<string, number>>;
  /** What the engine would be told, but for labels, modes, networks, volumes and binds. */
  readonly body: CreateBody;
  readonly labels: Readonly<Record<string, string>>;
  readonly modes: ComposeModes;
  /** Names as in the file; empty with a mode. */
  readonly networks: readonly { readonly name: string; readonly aliases: readonly string[] }[];
  readonly binds: readonly ComposeBind[];
  readonly volumes: readonly ComposeVolume[];
}

/** Keys that say nothing about how one container is confined. */
const elsewhere = [
  'image build container_name depends_on deploy scale profiles pull_policy platform attach annotations develop label_file links external_links',
  'dns dns_opt dns_search provider post_start pre_stop models env_file extends',
]
  .join(' ')
  .split(' ');
const taken = [
  'cap_add cap_drop cgroup cgroup_parent command configs cpu_period cpu_quota cpu_shares cpus cpuset device_cgroup_rules devices domainname',
  'entrypoint environment expose extra_hosts gpus group_add healthcheck hostname init ipc isolation labels logging mem_limit mem_reservation',
  'mem_swappiness memswap_limit network_mode networks oom_kill_disable oom_score_adj pid pids_limit ports privileged read_only restart runtime',
  'secrets security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits user userns_mode uts volumes',
  'working_dir',
]
  .join(' ')
  .split(' ');

export interface ServiceContext {
  readonly project: string;
  /** The file, whole. */
  readonly top: Data;
  readonly variables: Variables;
  /** The text of an `env_file`, as pairs; null when there is none. */
  envFile(path: string, at: Path): Readonly<Record<string, string>> | null;
}

/** One service of a Compose file as the engine would be given it. Throws `InvalidError` `bad_compose`. */
export function serviceOf(name: string, service: Data, context: ServiceContext, source: Source): ComposeService {
  const path = ['services', name];
  const at = (key: string) => [...path, key];
  if (!/^[\w.-]+$/.test(name)) source.fail(path, 'must be named with letters, digits, dots, - and _');
  for (const key of Object.keys(service)) {
    if (taken.includes(key) || elsewhere.includes(key) || key.startsWith('x-')) continue;
    source.note(at(key), 'is not taken over: what it does to the container is not tested');
  }
  const image = textOf(service.image, at('image'), source);
  if ((image === null || image === '') && (service.build === undefined || service.build === null))
    source.fail(path, 'names neither an image nor what to build');
  const { binds, volumes, tmpfs, tmpfsMounts } = mountsOf(service, path, context.top, source);
  const ports = portsOf(service, path, source);
  const { modes, networks } = connectionsOf(service, path, context.top, source);
  const reference = image === null || image === '' ? `${context.project}-${name}` : image;
  return {
    name,
    image: reference,
    built: reference !== image,
    line: source.line(path),
    lines: Object.fromEntries(Object.keys(service).map((key) => [key, source.line(at(key))])),
    body: {
      Image: reference,
      ...processOf(service, path, context, source),
      ExposedPorts: ports.exposed,
      HostConfig: {
        ...confinementOf(service, path, source),
        PortBindings: ports.bindings,
        ...(Object.keys(tmpfs).length > 0 ? { Tmpfs: tmpfs } : {}),
        Mounts: tmpfsMounts,
      },
    },
    labels: texts(pairsOf(service.labels, at('labels'), source)),
    modes,
    networks,
    binds,
    volumes,
  };
}

function processOf(service: Data, path: Path, context: ServiceContext, source: Source): Data {
  const at = (key: string) => [...path, key];
  const text = (key: string) => textOf(service[key], at(key), source);
  const flag = (key: string) => amountOf(service[key], at(key), source, booleanOf, 'must be true or false');
  const grace = amountOf(service.stop_grace_period, at('stop_grace_period'), source, nanosecondsOf, 'must be a duration, such as 10s');
  const all: Data = {
    User: text('user'),
    WorkingDir: text('working_dir'),
    Hostname: text('hostname'),
    Domainname: text('domainname'),
    Tty: flag('tty'),
    OpenStdin: flag('stdin_open'),
    StopSignal: text('stop_signal'),
    StopTimeout: grace === null ? null : Math.ceil(grace / 1e9),
    Env: environmentOf(service, path, context, source),
    Entrypoint: commandOf(service.entrypoint, at('entrypoint'), source),
    Cmd: commandOf(service.command, at('command'), source),
    Healthcheck: healthcheckOf(service.healthcheck, at('healthcheck'), source),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

function environmentOf(service: Data, path: Path, context: ServiceContext, source: Source): string[] {
  const values: Record<string, string> = {};
  const { env_file: files } = service;
  for (const [i, one] of (Array.isArray(files) ? files : files === undefined || files === null ? [] : [files]).entries()) {
    const at = [...path, 'env_file', i];
    const file = textOf(isMap(one) ? one.path : one, at, source) ?? source.fail(at, 'must be a path');
    const read = context.envFile(file, at);
    if (read !== null) Object.assign(values, read);
    else if (!isMap(one) || booleanOf(one.required) !== false) source.fail(at, 'names a file that cannot be read');
  }
  for (const [name, value] of Object.entries(pairsOf(service.environment, [...path, 'environment'], source))) {
    const given = value ?? context.variables[name];
    if (given === undefined) delete values[name];
    else values[name] = given;
  }
  return Object.entries(values).map(([name, value]) => `${name}=${value}`);
}

function commandOf(value: unknown, path: Path, source: Source): readonly string[] | null {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return textsOf(value, path, source);
  return shellWords(textOf(value, path, source) ?? '') ?? source.fail(path, 'has a quote that is not closed');
}

function healthcheckOf(value: unknown, path: Path, source: Source): Data | null {
  if (value === undefined || value === null) return null;
  const check = mapOf(value, path, source);
  if (booleanOf(check.disable) === true) return { Test: ['NONE'] };
  const span = (key: string) => amountOf(check[key], [...path, key], source, nanosecondsOf, 'must be a duration, such as 10s');
  const all: Data = {
    Test:
      check.test === undefined
        ? null
        : Array.isArray(check.test)
          ? textsOf(check.test, [...path, 'test'], source)
          : ['CMD-SHELL', textOf(check.test, [...path, 'test'], source) ?? ''],
    Interval: span('interval'),
    Timeout: span('timeout'),
    StartPeriod: span('start_period'),
    StartInterval: span('start_interval'),
    Retries: amountOf(check.retries, [...path, 'retries'], source, numberOf, 'must be a number'),
  };
  return Object.fromEntries(Object.entries(all).filter(([, one]) => one !== null));
}

function connectionsOf(service: Data, path: Path, top: Data, source: Source): Pick<ComposeService, 'modes' | 'networks'> {
  const mode = (key: string) => textOf(service[key], [...path, key], source);
  const modes = { network: mode('network_mode'), pid: mode('pid'), ipc: mode('ipc') };
  for (const [key, value] of [['network_mode', modes.network] as const, ['pid', modes.pid] as const, ['ipc', modes.ipc] as const]) {
    const other = /^service:(.*)$/.exec(value ?? '')?.[1];
    if (other !== undefined && !Object.hasOwn(mapOf(top.services, ['services'], source), other))
      source.fail([...path, key], 'must name a service of this file');
  }
  if (modes.network !== null) return { modes, networks: [] };
  const { networks } = service;
  if (networks === undefined || networks === null) return { modes, networks: [{ name: 'default', aliases: [] }] };
  const known = mapOf(top.networks, ['networks'], source);
  const names = Array.isArray(networks)
    ? textsOf(networks, [...path, 'networks'], source)
    : Object.keys(mapOf(networks, [...path, 'networks'], source));
  return {
    modes,
    networks: names.map((name) => {
      const at = [...path, 'networks', name];
      if (name !== 'default' && !Object.hasOwn(known, name))
        source.fail(at, `names the network ${name}, which is not among the file's networks`);
      const endpoint = isMap(networks) ? mapOf(networks[name], at, source) : {};
      return { name, aliases: textsOf(listOf(endpoint.aliases, at, source), at, source) };
    }),
  };
}

function texts(pairs: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(Object.entries(pairs).map(([name, value]) => [name, value ?? '']));
}
