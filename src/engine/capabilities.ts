import { statfs } from 'node:fs/promises';
import type { Engine, EngineInfo } from '../domain/engine.ts';
import { isLocalSocket } from './host/address.ts';

export interface Capability {
  /** `snake_case`, stable. */
  readonly name: string;
  readonly state: 'yes' | 'no' | 'unknown';
  readonly detail: string;
  /** What to do when it is missing and wanted. */
  readonly hint: string | null;
}

/** Free bytes under which captures and commits soon fail. */
const littleDisk = 2 * 1024 ** 3;

/** What the engine says, or lets be seen, of what it can do. Changes nothing; a checkpoint is not tried. Fails as `info` does. */
export async function capabilities(engine: Pick<Engine, 'info' | 'host'>): Promise<Capability[]> {
  const info = await engine.info();
  return [
    fact('api', true, `Docker ${info.version}, API ${info.apiVersion} (oldest ${info.minApiVersion})`),
    fact(
      'experimental',
      info.experimental,
      info.experimental ? 'on' : 'off',
      'checkpoints need it: "experimental": true in the daemon.json of the engine, then restart it',
    ),
    criu(info),
    fact(
      'live_restore',
      info.liveRestore,
      info.liveRestore ? 'containers go on while the engine restarts' : 'containers end with the engine',
      '"live-restore": true in the daemon.json of the engine (not with Swarm)',
    ),
    cgroups(info),
    fact('storage_driver', info.storageDriver !== '', info.storageDriver || 'not said'),
    fact('rootless', info.rootless, info.rootless ? 'the engine runs without root' : 'the engine runs as root', null),
    fact('swarm', info.swarm === 'active', info.swarm, null),
    fact(
      'seccomp',
      security(info, 'seccomp'),
      securityDetail(info, 'seccomp'),
      'the kernel or the engine was built without seccomp: containers may make every system call',
    ),
    fact(
      'mandatory_access_control',
      security(info, 'apparmor') || security(info, 'selinux'),
      macDetail(info),
      'enable AppArmor or SELinux on the host of the engine',
    ),
    fact(
      'user_namespaces',
      security(info, 'userns') || info.rootless,
      security(info, 'userns')
        ? 'root in containers is not root on the host'
        : info.rootless
          ? 'rootless'
          : 'root in a container is root on the host',
      '"userns-remap" in the daemon.json of the engine',
    ),
    await disk(engine.host, info),
  ];
}

function fact(name: string, holds: boolean, detail: string, hint: string | null = null): Capability {
  return { name, state: holds ? 'yes' : 'no', detail, hint: holds ? null : hint };
}

/** The API tells only whether it would try; whether CRIU is installed and runs on this kernel, only a checkpoint tells. */
function criu(info: EngineInfo): Capability {
  if (!info.experimental)
    return fact('criu', false, 'the engine is not experimental', 'turn on experimental, and install CRIU on the host of the engine');
  if (info.rootless) return fact('criu', false, 'a rootless engine cannot checkpoint', 'memory is captured from /proc instead');
  return {
    name: 'criu',
    state: 'unknown',
    detail: 'the engine accepts checkpoints; not tried',
    hint: 'CRIU must be installed on the host of the engine: `criu check` there',
  };
}

function cgroups(info: EngineInfo): Capability {
  const { cgroupVersion } = info;
  if (cgroupVersion === null) return { name: 'cgroup_v2', state: 'unknown', detail: 'not said', hint: null };
  return fact(
    'cgroup_v2',
    cgroupVersion === '2',
    `cgroup version ${cgroupVersion}`,
    'version 1 works; version 2 comes with systemd.unified_cgroup_hierarchy=1 on the kernel command line',
  );
}

function security(info: EngineInfo, name: string): boolean {
  return info.securityOptions.some((option) => option.split(',').includes(`name=${name}`));
}

function securityDetail(info: EngineInfo, name: string): string {
  return info.securityOptions.find((option) => option.split(',').includes(`name=${name}`)) ?? 'off';
}

function macDetail(info: EngineInfo): string {
  return (
    [security(info, 'apparmor') ? 'AppArmor' : '', security(info, 'selinux') ? 'SELinux' : ''].filter(Boolean).join(' and ') ||
    'neither AppArmor nor SELinux'
  );
}

/** Only where the engine's folder is ours to see: over TCP, in a container or in Docker Desktop's machine the path means nothing here. */
async function disk(host: string, info: EngineInfo): Promise<Capability> {
  const unknown = (detail: string): Capability => ({
    name: 'free_disk',
    state: 'unknown',
    detail,
    hint: 'look with `df` on the host of the engine',
  });
  if (!isLocalSocket(host)) return unknown('the engine is on another host');
  try {
    const { bavail, bsize } = await statfs(info.rootDir);
    const free = bavail * bsize;
    return fact(
      'free_disk',
      free >= littleDisk,
      `${(free / 1024 ** 3).toFixed(1)} GiB free under ${info.rootDir}`,
      'free space there: `docker system df` says what takes it',
    );
  } catch {
    return unknown(`${info.rootDir} cannot be seen from here`);
  }
}
