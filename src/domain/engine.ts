/**
 * The Docker Engine API as the rest of Pitwall sees it; `src/engine` implements it, and asks for nothing else.
 * Every call has a time-out and throws `EngineError`; aborted, it rejects at once with the signal's reason. What was asked may then have
 * been done all the same, as after `engine_timeout` and `engine_unreachable`. Late on `stop`, `restart`, `wait` and `exec` while the engine
 * answers is `engine_failed` with `context.timedOut`: the container is slow, the engine not lost. Shapes are the engine's own JSON at the negotiated API version
 * (https://docs.docker.com/reference/api/engine/), of which only what we read is typed.
 */
import type { Secret } from './secret.ts';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default 15 s for calls that only ask, 60 s for those that act. */
  readonly timeoutMs?: number | undefined;
}

export interface EngineInfo {
  readonly id: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly minApiVersion: string;
  readonly os: string;
  readonly kernel: string;
  readonly cgroupVersion: '1' | '2' | null;
  readonly storageDriver: string;
  readonly rootDir: string;
  readonly experimental: boolean;
  readonly liveRestore: boolean;
  readonly swarm: string;
  readonly securityOptions: readonly string[];
  readonly rootless: boolean;
  readonly cpus: number;
  readonly memoryBytes: number;
}

export interface EngineComponent {
  readonly name: string;
  readonly version: string;
  /** What it was built from, as its builder says it: a commit, or a package's version; empty where it does not say. */
  readonly commit: string;
}

export interface ContainerSummary {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly state: string;
  /** Docker's own sentence, `Up 3 minutes (healthy)`. */
  readonly status: string;
  /** UTC ms. */
  readonly createdAt: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly networks: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

export interface RestartPolicy {
  readonly Name: string;
  readonly MaximumRetryCount?: number;
}

export interface MountPoint {
  readonly Type: string;
  readonly Name?: string;
  readonly Source: string;
  readonly Destination: string;
  readonly Driver?: string;
  readonly Mode: string;
  readonly RW: boolean;
  readonly Propagation?: string;
}

export interface EndpointSettings {
  readonly IPAMConfig?: { readonly IPv4Address?: string; readonly IPv6Address?: string; readonly LinkLocalIPs?: readonly string[] } | null;
  readonly Links?: readonly string[] | null;
  readonly Aliases?: readonly string[] | null;
  readonly DNSNames?: readonly string[] | null;
  readonly DriverOpts?: Readonly<Record<string, string>> | null;
  readonly GwPriority?: number;
  readonly NetworkID: string;
  readonly EndpointID: string;
  readonly Gateway: string;
  readonly IPAddress: string;
  readonly GlobalIPv6Address?: string;
  readonly MacAddress: string;
}

export interface ContainerInspect {
  readonly Id: string;
  readonly Name: string;
  /** RFC 3339 with nanoseconds. */
  readonly Created: string;
  readonly Path: string;
  readonly Args: readonly string[];
  /** `sha256:…` */
  readonly Image: string;
  readonly State: {
    readonly Status: string;
    readonly Running: boolean;
    readonly Paused: boolean;
    readonly Restarting: boolean;
    readonly OOMKilled: boolean;
    readonly Dead: boolean;
    readonly Pid: number;
    readonly ExitCode: number;
    readonly Error: string;
    readonly StartedAt: string;
    readonly FinishedAt: string;
    readonly Health?: {
      readonly Status: string;
      readonly FailingStreak: number;
      readonly Log?: readonly { readonly Start: string; readonly End: string; readonly ExitCode: number; readonly Output: string }[] | null;
    };
  };
  readonly Config: Json & {
    readonly Hostname: string;
    readonly Domainname?: string;
    readonly User: string;
    readonly Env: readonly string[] | null;
    readonly Cmd: readonly string[] | null;
    readonly Entrypoint: readonly string[] | null;
    readonly Image: string;
    readonly Volumes?: Readonly<Record<string, unknown>> | null;
    readonly Labels: Readonly<Record<string, string>> | null;
    readonly Healthcheck?: { readonly Test?: readonly string[] | null };
    readonly StopSignal?: string;
    readonly StopTimeout?: number | null;
    readonly MacAddress?: string;
  };
  readonly HostConfig: Json & {
    readonly AutoRemove: boolean;
    readonly NetworkMode: string;
    readonly IpcMode: string;
    readonly PidMode: string;
    readonly RestartPolicy: RestartPolicy;
    readonly Binds: readonly string[] | null;
    readonly Mounts?: readonly Json[] | null;
    readonly VolumesFrom: readonly string[] | null;
    readonly PortBindings: Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>> | null;
  };
  readonly Mounts: readonly MountPoint[];
  readonly NetworkSettings: Json & { readonly Networks: Readonly<Record<string, EndpointSettings>> };
  readonly RestartCount: number;
  /** Ids of execs that were started and not yet forgotten. */
  readonly ExecIDs?: readonly string[] | null;
}

/** Body of `POST /containers/create`. */
export interface CreateBody {
  readonly Image: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly HostConfig?: Json;
  readonly NetworkingConfig?: { readonly EndpointsConfig: Readonly<Record<string, Json>> };
  readonly [key: string]: unknown;
}

export interface FileChange {
  readonly path: string;
  readonly kind: 'added' | 'modified' | 'deleted';
}

export interface PathStat {
  readonly name: string;
  readonly size: number;
  /** Unix permission bits; the four below are split out of Go's mode. */
  readonly mode: number;
  readonly isDirectory: boolean;
  readonly isLink: boolean;
  readonly isSocket: boolean;
  /** Neither folder nor link, nor a socket, pipe or device. */
  readonly isFile: boolean;
  readonly modifiedAt: string;
}

export interface ExecResult {
  /** Null when the engine did not say. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Output went beyond `maxBytes` and was cut. */
  readonly truncated: boolean;
}

export interface ExecOptions extends CallOptions {
  readonly user?: string | undefined;
  readonly env?: readonly string[] | undefined;
  readonly workingDir?: string | undefined;
  readonly stdin?: string | undefined;
  /** Default 1 MiB for each stream. */
  readonly maxBytes?: number | undefined;
}

export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  readonly at: string | null;
  readonly line: string;
}

/** A container's own standard streams, as they come from the moment of attaching. */
export interface AttachedStreams {
  /** Ends when the container ends, on `close` and on the signal. To be read once. */
  readonly output: AsyncIterable<LogLine>;
  write(text: string): void;
  /** Lets go; a container made with `StdinOnce` then sees the end of its input. */
  close(): void;
}

/** As `AttachedStreams`, with its bytes as they come. */
export interface AttachedBytes {
  readonly output: AsyncIterable<{ readonly stream: 'stdout' | 'stderr'; readonly data: Buffer }>;
  write(bytes: string | Uint8Array): void;
  /** No more input; the output goes on. */
  end(): void;
  close(): void;
}

export interface ContainerUsage {
  /** CPU time that the container's processes have used since its start, ns; null when the engine did not say. */
  readonly cpuNs: number | null;
  readonly memoryBytes: number | null;
  readonly processes: number | null;
}

export interface EngineEvent {
  /** `container`, `network`, …; or `engine` with action `lost` or `reconnected` where a gap may be. */
  readonly type: string;
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Nanoseconds since the epoch, UTC. */
  readonly timeNano: bigint;
}

export interface NetworkInspect {
  readonly Id: string;
  readonly Name: string;
  readonly Driver: string;
  readonly Internal: boolean;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly IPAM: { readonly Config: readonly { readonly Subnet?: string; readonly Gateway?: string }[] | null };
  readonly Containers?: Readonly<Record<string, { readonly Name: string; readonly IPv4Address: string }>>;
  readonly Options?: Readonly<Record<string, string>> | null;
}

export interface ImageInspect {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
  readonly Created: string;
  readonly Size: number;
  readonly Config: Json & {
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly Env?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly Entrypoint?: readonly string[] | null;
    readonly Volumes?: Readonly<Record<string, unknown>> | null;
  };
}

export interface ExecInspect {
  readonly running: boolean;
  readonly privileged: boolean;
  readonly user: string;
}

/** A secret as the tasks of a service get it: the file `/run/secrets/<Name>`. */
export interface SecretReference {
  readonly SecretID: string;
  readonly SecretName: string;
  /** Null or left out for one that is not a file. */
  readonly File?: {
    readonly Name: string;
    readonly UID: string;
    readonly GID: string /** Unix permission bits. */;
    readonly Mode: number;
  } | null;
}

interface ContainerSpec extends Json {
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Secrets?: readonly SecretReference[] | null;
}

/** How the tasks of a service are replaced. Durations in ns; `Parallelism` 0: all at once. */
export interface UpdateConfig extends Json {
  readonly Parallelism?: number;
  readonly Delay?: number;
  readonly FailureAction?: string;
  readonly Monitor?: number;
  readonly MaxFailureRatio?: number;
  readonly Order?: string;
}

/** All of it goes back to the engine at an update: what is not typed here must be kept. */
export interface ServiceSpec extends Json {
  readonly Name: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly TaskTemplate: Json & {
    readonly ContainerSpec?: ContainerSpec;
    readonly Networks?: readonly { readonly Target: string }[] | null;
  };
  readonly Mode: { readonly Replicated?: { readonly Replicas?: number }; readonly Global?: Json; readonly [job: string]: unknown };
  readonly UpdateConfig?: UpdateConfig;
}

export interface ServiceInspect {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: ServiceSpec;
  /** Of the last update: `updating`, `paused`, `completed`, `rollback_started`, `rollback_paused`, `rollback_completed`. Left out when there was none. */
  readonly UpdateStatus?: { readonly State: string };
}

/** One task of a service, of whatever node and whatever time. */
export interface TaskInspect {
  readonly ID: string;
  readonly ServiceID: string;
  /** 0 or left out in a global service. */
  readonly Slot?: number;
  readonly NodeID?: string;
  readonly DesiredState: string;
  readonly Status: {
    /** `new` … `running`, then `complete`, `shutdown`, `failed`, `rejected`, `remove`, `orphaned`. */
    readonly State: string;
    readonly ContainerStatus?: { readonly ContainerID?: string; readonly ExitCode?: number } | null;
  };
  readonly Spec: { readonly ContainerSpec?: ContainerSpec };
}

/** Never its value: the engine does not give it out. */
export interface SecretInspect {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly CreatedAt: string;
  readonly Spec: { readonly Name: string; readonly Labels?: Readonly<Record<string, string>> | null };
}

export interface Engine {
  /** The name in `pitwall.yaml`, or `local`. */
  readonly name: string;
  /** Where it is reached: `unix:///…`, `tcp://…`, `ssh://…`. */
  readonly host: string;
  /** Null for one that is not listed and is not a socket of this host: every drill refuses it. */
  readonly environment: string | null;

  /** Asks once and remembers; rejects with `engine_identity` when the pinned id differs. */
  info(options?: CallOptions): Promise<EngineInfo>;
  /** Asks again each time. */
  ping(options?: CallOptions): Promise<void>;
  /** All that the daemon says of itself and its settings (`docker info`), as it says it. Asks again each time. */
  daemon(options?: CallOptions): Promise<Json>;
  /** The programs that it is made of: `Engine`, `containerd`, `runc`, `docker-init`. */
  components(options?: CallOptions): Promise<readonly EngineComponent[]>;

  list(filter?: { readonly all?: boolean; readonly labels?: readonly string[] }, options?: CallOptions): Promise<ContainerSummary[]>;
  inspect(id: string, options?: CallOptions): Promise<ContainerInspect>;
  create(name: string, body: CreateBody, options?: CallOptions): Promise<{ readonly id: string; readonly warnings: readonly string[] }>;
  /** `checkpoint`: the name of one of its checkpoints to go on from. */
  start(id: string, options?: CallOptions & { readonly checkpoint?: string | undefined }): Promise<void>;
  /**
   * Sends the container's own stop signal, then SIGKILL after `graceSeconds` (default: the container's own). Done when it has ended;
   * already stopped is success. Default time-out: the grace and 30 s.
   */
  stop(id: string, options?: CallOptions & { readonly graceSeconds?: number | undefined }): Promise<void>;
  restart(id: string, options?: CallOptions & { readonly graceSeconds?: number | undefined }): Promise<void>;
  kill(id: string, signal: string, options?: CallOptions): Promise<void>;
  pause(id: string, options?: CallOptions): Promise<void>;
  unpause(id: string, options?: CallOptions): Promise<void>;
  rename(id: string, name: string, options?: CallOptions): Promise<void>;
  setRestartPolicy(id: string, policy: RestartPolicy, options?: CallOptions): Promise<void>;
  /** Never removes a volume unless `anonymousVolumes`. Already gone is success. */
  remove(id: string, options?: CallOptions & { readonly force?: boolean; readonly anonymousVolumes?: boolean }): Promise<void>;
  /** Resolves with the exit code once the container is not running. Default time-out 60 s. */
  wait(id: string, options?: CallOptions): Promise<number>;
  changes(id: string, options?: CallOptions): Promise<FileChange[]>;
  /** Null when the path does not exist. */
  statPath(id: string, path: string, options?: CallOptions): Promise<PathStat | null>;
  /** When it fails late or is aborted the command goes on in the container: the engine has no way to end it. */
  exec(id: string, argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Of an exec that a container names in `ExecIDs`; null when the engine has forgotten it. */
  inspectExec(id: string, options?: CallOptions): Promise<ExecInspect | null>;
  /** For a container without a terminal. Attach before `start`, or what it says first is missed. */
  attach(id: string, options?: CallOptions): Promise<AttachedStreams>;
  /** `attach` for output that is not text; `terminal`: the container has one. */
  attachBytes(id: string, options?: CallOptions & { readonly terminal?: boolean }): Promise<AttachedBytes>;
  /** Tells a container's terminal how large it is. */
  resize(id: string, columns: number, rows: number, options?: CallOptions): Promise<void>;
  /** Ends by itself unless `follow`; then with the container or on the signal. `since` is UTC ms. */
  logs(
    id: string,
    options?: { readonly follow?: boolean; readonly tail?: number; readonly since?: number; readonly signal?: AbortSignal },
  ): AsyncIterable<LogLine>;
  /**
   * Goes on over reconnects (from the last event seen) until the signal; yields `engine/lost` while it is away and `engine/reconnected` after each,
   * as an engine remembers 256 events at most. Fails only when it cannot be reached at first. It connects when first asked for an event: to miss none,
   * give `since` (UTC ms).
   */
  events(options: {
    readonly since?: number;
    readonly types?: readonly string[];
    readonly labels?: readonly string[];
    readonly signal: AbortSignal;
  }): AsyncIterable<EngineEvent>;

  networks(filter?: { readonly labels?: readonly string[] }, options?: CallOptions): Promise<NetworkInspect[]>;
  inspectNetwork(id: string, options?: CallOptions): Promise<NetworkInspect>;
  createNetwork(name: string, body: Json, options?: CallOptions): Promise<string>;
  /** Already gone is success, here and for volumes and images. */
  removeNetwork(id: string, options?: CallOptions): Promise<void>;
  connect(network: string, container: string, endpoint: Json, options?: CallOptions): Promise<void>;
  disconnect(network: string, container: string, options?: CallOptions & { readonly force?: boolean }): Promise<void>;
  volumes(
    filter?: { readonly labels?: readonly string[] },
    options?: CallOptions,
  ): Promise<readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[]>;
  createVolume(name: string, labels: Readonly<Record<string, string>>, options?: CallOptions): Promise<void>;
  removeVolume(name: string, options?: CallOptions): Promise<void>;
  inspectImage(reference: string, options?: CallOptions): Promise<ImageInspect>;
  images(
    filter?: { readonly labels?: readonly string[] },
    options?: CallOptions,
  ): Promise<readonly { readonly id: string; readonly tags: readonly string[]; readonly labels: Readonly<Record<string, string>> }[]>;
  removeImage(id: string, options?: CallOptions): Promise<void>;
  /** Makes an image of one layer from a tar of a root file system. `changes` are Dockerfile lines: `LABEL a="b"`. */
  importImage(tar: NodeJS.ReadableStream, reference: string, changes: readonly string[], options?: CallOptions): Promise<void>;

  /**
   * Makes an image of a container's file system as it is, without pausing it: the engine ignores it when its own pause fails, so pausing is
   * the caller's. Volumes, bind mounts and tmpfs are not part of it. `changes` are Dockerfile lines. The image's id. Default time-out 10 min.
   */
  commit(
    id: string,
    options?: CallOptions & {
      readonly reference?: string;
      readonly comment?: string;
      readonly author?: string;
      readonly changes?: readonly string[];
    },
  ): Promise<string>;
  /** Bytes of the files in a container's writable layer, holes counted as if they were written; null when the engine does not say. */
  layerBytes(id: string, options?: CallOptions): Promise<number | null>;
  /** The tar of `docker save`, to be read to its end or destroyed. Its `manifest.json` names the configuration and the layers on every version. */
  saveImage(id: string, options?: CallOptions): Promise<NodeJS.ReadableStream>;
  /** Newest layer first, as the engine says it. */
  imageHistory(id: string, options?: CallOptions): Promise<readonly Json[]>;
  /** The tar of a file or folder of a container, its volumes included, to be read fast: the engine locks the container until it has ended. Null when there is none. */
  readArchive(id: string, path: string, options?: CallOptions): Promise<NodeJS.ReadableStream | null>;
  /** Unpacks a tar into a folder that exists. Refused where the file system is read-only; a tmpfs is not seen, what it hides is written. */
  putArchive(id: string, path: string, tar: NodeJS.ReadableStream | Uint8Array, options?: CallOptions): Promise<void>;
  /** Reads once, without waiting for a second sample. */
  usage(id: string, options?: CallOptions): Promise<ContainerUsage>;
  /** A CRIU checkpoint, the container left as it is. `name` is of two characters or more. Default time-out 10 min. */
  checkpoint(id: string, name: string, options?: CallOptions): Promise<void>;
  /** Already gone is success. */
  removeCheckpoint(id: string, name: string, options?: CallOptions): Promise<void>;

  /** Swarm's calls, down to `removeSecret`, throw `not_a_manager` where the engine is none. */
  services(options?: CallOptions): Promise<ServiceInspect[]>;
  inspectService(id: string, options?: CallOptions): Promise<ServiceInspect>;
  /** `conflict` when the service is no longer of this version. Returns before any task is replaced. */
  updateService(id: string, version: number, spec: ServiceSpec, options?: CallOptions): Promise<void>;
  /** Of one service by its id, or of all; those that have ended included, for as long as Swarm remembers them. */
  tasks(filter?: { readonly service?: string }, options?: CallOptions): Promise<TaskInspect[]>;
  secrets(filter?: { readonly labels?: readonly string[] }, options?: CallOptions): Promise<SecretInspect[]>;
  /** Its id. `name_taken` when there is one of this name. */
  createSecret(name: string, value: Secret, labels: Readonly<Record<string, string>>, options?: CallOptions): Promise<string>;
  /** In place of those it has. Nothing else of a secret can be changed. */
  labelSecret(secret: SecretInspect, labels: Readonly<Record<string, string>>, options?: CallOptions): Promise<void>;
  /** `conflict` while a service refers to it. Already gone is success. */
  removeSecret(id: string, options?: CallOptions): Promise<void>;

  /** Ends every stream and socket. */
  close(): Promise<void>;
}
