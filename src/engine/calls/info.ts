import type { Engine, EngineInfo } from '../../domain/engine.ts';
import type { EngineClient } from '../client.ts';
import { checkIdentity } from '../config.ts';

interface RawInfo {
  readonly ID?: string;
  readonly OperatingSystem?: string;
  readonly KernelVersion?: string;
  readonly CgroupVersion?: string;
  readonly Driver?: string;
  readonly DockerRootDir?: string;
  readonly ExperimentalBuild?: boolean;
  readonly LiveRestoreEnabled?: boolean;
  readonly Swarm?: { readonly LocalNodeState?: string };
  readonly SecurityOptions?: readonly string[] | null;
  readonly NCPU?: number;
  readonly MemTotal?: number;
}

interface RawVersion {
  readonly Components?:
    | readonly { readonly Name?: string; readonly Version?: string; readonly Details?: { readonly GitCommit?: string } | null }[]
    | null;
}

export function information(client: EngineClient): Pick<Engine, 'info' | 'ping' | 'daemon' | 'components'> {
  let known: { readonly losses: number; readonly info: EngineInfo } | null = null;
  return {
    async info(options) {
      if (known?.losses === client.losses) return known.info;
      const version = await client.version(options);
      const raw = await client.json<RawInfo>({ method: 'GET', path: '/info', action: 'ask about itself' }, options);
      checkIdentity(client.config, raw.ID ?? '');
      const info = toInfo(raw, version);
      known = { losses: client.losses, info };
      return info;
    },
    ping: (options) => client.ping(options),
    daemon: (options) => client.json<Record<string, unknown>>({ method: 'GET', path: '/info', action: 'ask about its settings' }, options),
    async components(options) {
      const { Components } = await client.json<RawVersion>({ method: 'GET', path: '/version', action: 'ask what it is made of' }, options);
      return (Components ?? []).map(({ Name, Version, Details }) => ({
        name: Name ?? '',
        version: Version ?? '',
        commit: Details?.GitCommit ?? '',
      }));
    },
  };
}

function toInfo(raw: RawInfo, version: Pick<EngineInfo, 'version' | 'apiVersion' | 'minApiVersion'>): EngineInfo {
  const securityOptions = raw.SecurityOptions ?? [];
  return {
    id: raw.ID ?? '',
    version: version.version,
    apiVersion: version.apiVersion,
    minApiVersion: version.minApiVersion,
    os: raw.OperatingSystem ?? '',
    kernel: raw.KernelVersion ?? '',
    cgroupVersion: raw.CgroupVersion === '1' || raw.CgroupVersion === '2' ? raw.CgroupVersion : null,
    storageDriver: raw.Driver ?? '',
    rootDir: raw.DockerRootDir ?? '',
    experimental: raw.ExperimentalBuild === true,
    liveRestore: raw.LiveRestoreEnabled === true,
    swarm: raw.Swarm?.LocalNodeState ?? 'inactive',
    securityOptions,
    rootless: securityOptions.some((option) => option.includes('name=rootless')),
    cpus: raw.NCPU ?? 0,
    memoryBytes: raw.MemTotal ?? 0,
  };
}
