import { type Answer, broken, type Facts, holds, inconclusive, notApplicable, type Probe } from '../probe.ts';
import { advisories, floorsAsOf, isOpen, mayBePatched } from './floors.ts';

const ofTheEngine = { none: 'it is the engine’s own: no container can plant it' } as const;

/** Of the engine that the container runs on. */
export const supplyChain: readonly Probe[] = [
  {
    id: 'SUP-01',
    group: 'image',
    title: 'Engine, containerd and runc are above the floor',
    attempt: `Compares the versions that the engine says with the known holes in them, as of ${floorsAsOf}.`,
    severity: 'high',
    safety: 'read-only',
    reading:
      'A version with a known hole is broken; of a distribution’s build, which mends without raising the version, it is inconclusive.',
    control: 'The engine says a version of each of the three that can be read.',
    judge: floors,
    weakness: ofTheEngine,
  },
  {
    id: 'SUP-02',
    group: 'image',
    title: 'No registry is trusted without TLS',
    attempt: 'Reads the registries that the engine would ask without TLS.',
    severity: 'medium',
    safety: 'read-only',
    reading: 'Any but loopback is broken.',
    control: 'The engine tells its configuration of registries.',
    judge: ({ host }) => {
      const config = host.daemon.RegistryConfig as RegistryConfig | null | undefined;
      if (config === undefined || config === null) return inconclusive('the engine does not tell its registries');
      const ranges = (config.InsecureRegistryCIDRs ?? []).filter((range) => !/^(?:127\.|::1\/128$)/.test(range));
      const names = Object.entries(config.IndexConfigs ?? {}).filter(([name, { Secure }]) => Secure === false && !isLoopback(name));
      const open = [...ranges, ...names.map(([name]) => name)];
      return open.length > 0 ? broken(`the engine asks ${open.join(', ')} without TLS`) : holds('none but on loopback');
    },
    weakness: ofTheEngine,
  },
  {
    id: 'SUP-03',
    group: 'image',
    title: 'The engine asks an authorization plugin',
    attempt: 'Reads the authorization plugins that the engine says.',
    severity: 'low',
    safety: 'read-only',
    reading: 'None is broken: whoever reaches the API may do all.',
    control: 'The engine tells its plugins.',
    judge: ({ host }) => {
      const plugins = host.daemon.Plugins as { readonly Authorization?: readonly string[] | null } | null | undefined;
      if (plugins === undefined || plugins === null) return inconclusive('the engine does not tell its plugins');
      const names = plugins.Authorization ?? [];
      return names.length > 0 ? holds(`it asks ${names.join(', ')}`) : broken('it asks none');
    },
    weakness: ofTheEngine,
  },
  {
    id: 'SUP-04',
    group: 'image',
    title: 'Containers outlive a restart of the engine',
    attempt: 'Reads whether live restore is on.',
    severity: 'low',
    safety: 'read-only',
    reading: 'Off is broken: an update of the engine stops everything. A Swarm cannot have it.',
    control: 'The engine tells the setting.',
    judge: ({ host }) => {
      const on = host.daemon.LiveRestoreEnabled;
      if (host.info.swarm === 'active') return notApplicable('an engine of a Swarm cannot have live restore');
      if (typeof on !== 'boolean') return inconclusive('the engine does not tell whether it has live restore');
      return on ? holds('live restore is on') : broken('live restore is off');
    },
    weakness: ofTheEngine,
  },
  {
    id: 'SUP-05',
    group: 'image',
    title: 'Its log survives the host',
    attempt: 'Reads where the container’s log goes.',
    severity: 'medium',
    safety: 'read-only',
    reading:
      'A file of the engine’s, or nowhere, is broken: what is known of a crash dies with it. Somewhere else holds; an agent on this host is inconclusive.',
    control: 'The engine tells the container’s log driver and its address.',
    judge: remoteLog,
    weakness: { in: 'moved' },
  },
];

interface RegistryConfig {
  readonly InsecureRegistryCIDRs?: readonly string[] | null;
  readonly IndexConfigs?: Readonly<Record<string, { readonly Secure?: boolean }>> | null;
}

function floors({ host }: Facts): Answer {
  const authorization =
    ((host.daemon.Plugins as { readonly Authorization?: readonly string[] | null } | null)?.Authorization ?? []).length > 0;
  const open: string[] = [];
  const unknown: string[] = [];
  const seen: string[] = [];
  for (const name of ['Engine', 'containerd', 'runc'] as const) {
    const component = host.components.find((one) => one.name === name);
    if (component === undefined || !/^v?\d+\.\d+\.\d+/.test(component.version)) {
      unknown.push(`the version of ${name} is not known`);
      continue;
    }
    const its = advisories.filter((advisory) => advisory.component === name && (advisory.withAuthorization !== true || authorization));
    const holes = its.filter((advisory) => isOpen(advisory, component.version) === true);
    const text = `${name} ${component.version}`;
    seen.push(text);
    if (holes.length === 0) continue;
    const said = `${text}: ${holes.map(({ ids, what }) => `${ids.join(', ')} (${what})`).join('; ')}`;
    if (mayBePatched(component)) unknown.push(`${said}, unless its distribution has mended it without raising the version`);
    else open.push(said);
  }
  if (open.length > 0) return broken(open.join('. '));
  if (unknown.length > 0) return inconclusive(unknown.join('. '));
  return holds(`${seen.join(', ')}: none of the holes known on ${floorsAsOf}`);
}

/** Drivers that send to another host, with the option that says which. */
const remote: Readonly<Record<string, string | null>> = {
  awslogs: null,
  gcplogs: null,
  splunk: 'splunk-url',
  gelf: 'gelf-address',
  fluentd: 'fluentd-address',
  syslog: 'syslog-address',
};

function remoteLog({ inspect }: Facts): Answer {
  const log = inspect.HostConfig.LogConfig as
    | { readonly Type?: string; readonly Config?: Readonly<Record<string, string>> | null }
    | undefined;
  const type = log?.Type ?? '';
  if (type === '') return inconclusive('the engine does not say where its log goes');
  if (type === 'none') return broken('its log goes nowhere');
  if (type === 'json-file' || type === 'local')
    return broken(`its log is a file of the engine’s (${type}), which goes with the container and the host`);
  if (type === 'journald')
    return inconclusive('its log goes to the host’s journal; whether that leaves the host is not for the engine to say');
  if (!(type in remote)) return inconclusive(`its log goes to the driver ${type}, which is not known here`);
  const option = remote[type];
  if (option === null || option === undefined) return holds(`its log goes to ${type}`);
  const address = log?.Config?.[option] ?? '';
  if (address === '' || isLoopback(address.replace(/^[a-z+]+:\/\//, '')) || address.startsWith('unix'))
    return inconclusive(`its log goes to an agent on this host (${type}); where that sends it is not for the engine to say`);
  return holds(`its log goes to another host by ${type}`);
}

/** `127.0.0.1:5000`, `localhost`, `[::1]:24224`. */
function isLoopback(address: string): boolean {
  return /^(?:127(?:\.\d{1,3}){3}|localhost|\[?::1\]?)(?::\d+)?(?:\/|$)/i.test(address);
}
