import { booleanOf, bytesOf, numberOf } from './amounts.ts';
import { amountOf, type Data, isMap, listOf, mapOf, type Path, pairsOf, type Source, textOf, textsOf } from './source.ts';

type Json = Readonly<Record<string, unknown>>;

/** What of the engine's `HostConfig` a service's keys say, but for mounts, networks and ports. What it does not say is left out. */
export function confinementOf(service: Data, path: Path, source: Source): Json {
  const at = (key: string) => [...path, key];
  const text = (key: string) => textOf(service[key], at(key), source);
  const flag = (key: string) => amountOf(service[key], at(key), source, booleanOf, 'must be true or false');
  const bytes = (key: string) => amountOf(service[key], at(key), source, bytesOf, 'must be a size, such as 64m');
  const number = (key: string) => amountOf(service[key], at(key), source, numberOf, 'must be a number');
  const texts = (key: string) => (service[key] === undefined || service[key] === null ? null : textsOf(service[key], at(key), source));
  const pairs = (key: string) => (service[key] === undefined || service[key] === null ? null : pairsOf(service[key], at(key), source));
  const limits = deployed(service, path, source);
  const cpus = number('cpus') ?? limits.cpus;
  return given({
    ReadonlyRootfs: flag('read_only'),
    Privileged: flag('privileged'),
    Init: flag('init'),
    CapAdd: texts('cap_add'),
    CapDrop: texts('cap_drop'),
    ...security(texts('security_opt'), at('security_opt'), source),
    Memory: bytes('mem_limit') ?? limits.memory,
    MemoryReservation: bytes('mem_reservation') ?? limits.reserved,
    MemorySwap: bytes('memswap_limit'),
    MemorySwappiness: number('mem_swappiness'),
    PidsLimit: number('pids_limit') ?? limits.pids,
    NanoCpus: cpus === null ? null : Math.round(cpus * 1e9),
    CpuShares: number('cpu_shares'),
    CpuPeriod: microseconds('cpu_period'),
    CpuQuota: microseconds('cpu_quota'),
    CpusetCpus: text('cpuset'),
    ShmSize: bytes('shm_size'),
    OomScoreAdj: number('oom_score_adj'),
    OomKillDisable: flag('oom_kill_disable'),
    CgroupParent: text('cgroup_parent'),
    CgroupnsMode: text('cgroup'),
    UsernsMode: text('userns_mode'),
    UTSMode: text('uts'),
    Runtime: text('runtime'),
    Isolation: text('isolation'),
    GroupAdd: texts('group_add'),
    Sysctls: pairs('sysctls'),
    StorageOpt: pairs('storage_opt'),
    Devices: devices(),
    DeviceCgroupRules: texts('device_cgroup_rules'),
    DeviceRequests: requests(),
    Ulimits: ulimits(),
    RestartPolicy: restart(service, path, source),
    LogConfig: logging(),
    ExtraHosts: service.extra_hosts === undefined ? null : hosts(),
  });

  function microseconds(key: string): number | null {
    return amountOf(
      service[key],
      at(key),
      source,
      (value) => numberOf(value) ?? spanUs(value),
      'must be a number of microseconds, or a duration',
    );
  }

  function devices(): Json[] | null {
    if (service.devices === undefined || service.devices === null) return null;
    return listOf(service.devices, at('devices'), source).map((one, i) => {
      if (isMap(one)) {
        const outside = textOf(one.source, [...at('devices'), i], source) ?? '';
        const inside = textOf(one.target, [...at('devices'), i], source) ?? outside;
        return { PathOnHost: outside, PathInContainer: inside, CgroupPermissions: textOf(one.permissions, at('devices'), source) ?? 'rwm' };
      }
      const [outside = '', inside = outside, permissions = 'rwm'] = (textOf(one, [...at('devices'), i], source) ?? '').split(':');
      if (!outside.startsWith('/')) source.note([...at('devices'), i], 'is no path of a device: it is tested as if it were one');
      return { PathOnHost: outside, PathInContainer: inside, CgroupPermissions: permissions };
    });
  }

  function requests(): Json[] | null {
    const reserved = mapOf(
      mapOf(mapOf(service.deploy, at('deploy'), source).resources, at('deploy'), source).reservations,
      at('deploy'),
      source,
    );
    const asked = listOf(reserved.devices, at('deploy'), source);
    if (asked.length === 0 && (service.gpus === undefined || service.gpus === null)) return null;
    return [{ Driver: '', Count: -1, DeviceIDs: null, Capabilities: [['gpu']], Options: {} }];
  }

  function ulimits(): Json[] | null {
    if (service.ulimits === undefined || service.ulimits === null) return null;
    return Object.entries(mapOf(service.ulimits, at('ulimits'), source)).map(([Name, value]) => {
      const where = [...at('ulimits'), Name];
      const read = (one: unknown) => amountOf(one, where, source, numberOf, 'must be a number') ?? source.fail(where, 'must be a number');
      return isMap(value) ? { Name, Soft: read(value.soft), Hard: read(value.hard) } : { Name, Soft: read(value), Hard: read(value) };
    });
  }

  function logging(): Json | null {
    if (service.logging === undefined || service.logging === null) return null;
    const { driver, options } = mapOf(service.logging, at('logging'), source);
    return { Type: textOf(driver, at('logging'), source) ?? '', Config: pairsOf(options, at('logging'), source) };
  }

  function hosts(): string[] {
    if (Array.isArray(service.extra_hosts))
      return textsOf(service.extra_hosts, at('extra_hosts'), source).map((one) => one.replace('=', ':'));
    return Object.entries(pairsOf(service.extra_hosts, at('extra_hosts'), source)).map(([name, ip]) => `${name}:${ip ?? ''}`);
  }
}

/** `deploy.resources`, which Compose obeys outside of a swarm too. */
function deployed(service: Data, path: Path, source: Source) {
  const at = [...path, 'deploy', 'resources'];
  const resources = mapOf(mapOf(service.deploy, [...path, 'deploy'], source).resources, at, source);
  const limits = mapOf(resources.limits, [...at, 'limits'], source);
  const reservations = mapOf(resources.reservations, [...at, 'reservations'], source);
  return {
    cpus: amountOf(limits.cpus, [...at, 'limits', 'cpus'], source, numberOf, 'must be a number'),
    pids: amountOf(limits.pids, [...at, 'limits', 'pids'], source, numberOf, 'must be a number'),
    memory: amountOf(limits.memory, [...at, 'limits', 'memory'], source, bytesOf, 'must be a size, such as 64m'),
    reserved: amountOf(reservations.memory, [...at, 'reservations', 'memory'], source, bytesOf, 'must be a size, such as 64m'),
  };
}

/** The client, not the engine, reads `systempaths=unconfined` and files of seccomp rules. */
function security(options: readonly string[] | null, at: Path, source: Source): Json {
  if (options === null) return {};
  const open = options.some((option) => /^systempaths[=:]unconfined$/.test(option));
  const kept = options.filter((option) => !option.startsWith('systempaths'));
  for (const [i, option] of kept.entries()) {
    const profile = /^seccomp[=:](.*)$/.exec(option)?.[1];
    if (profile !== undefined && !['unconfined', 'builtin'].includes(profile) && !profile.startsWith('{')) {
      source.fail([...at, i], 'names a file of seccomp rules, which is not read here: the engine would be given its text');
    }
  }
  return { SecurityOpt: kept, ...(open ? { MaskedPaths: [], ReadonlyPaths: [] } : {}) };
}

function restart(service: Data, path: Path, source: Source): Json | null {
  const policy = textOf(service.restart, [...path, 'restart'], source);
  if (policy !== null) {
    const [name = '', count] = policy.split(':');
    return { Name: name, MaximumRetryCount: Number(count ?? 0) };
  }
  const { condition, max_attempts: most } = mapOf(
    mapOf(service.deploy, [...path, 'deploy'], source).restart_policy,
    [...path, 'deploy', 'restart_policy'],
    source,
  );
  const when = textOf(condition, [...path, 'deploy', 'restart_policy', 'condition'], source);
  if (when === null) return null;
  const names: Readonly<Record<string, string>> = { none: 'no', 'on-failure': 'on-failure', any: 'always' };
  return { Name: names[when] ?? 'no', MaximumRetryCount: when === 'on-failure' ? (numberOf(most) ?? 0) : 0 };
}

function spanUs(value: unknown): number | null {
  const parts = typeof value === 'string' ? /^(\d+(?:\.\d+)?)(us|ms|s)$/.exec(value) : null;
  return parts === null ? null : Math.round(Number(parts[1]) * ({ us: 1, ms: 1e3, s: 1e6 }[parts[2] as 'us'] ?? 1));
}

function given(all: Json): Json {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null && value !== undefined));
}
