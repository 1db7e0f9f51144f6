import type { CallOptions, Json } from './call.ts';
import type { EndpointSettings } from './networks.ts';

/** What is asked of a container as a whole. */
export interface ContainerCalls {
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
  /** Reads once, without waiting for a second sample. */
  usage(id: string, options?: CallOptions): Promise<ContainerUsage>;
  /** A CRIU checkpoint, the container left as it is. `name` is of two characters or more. Default time-out 10 min. */
  checkpoint(id: string, name: string, options?: CallOptions): Promise<void>;
  /** Already gone is success. */
  removeCheckpoint(id: string, name: string, options?: CallOptions): Promise<void>;
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

/** Body of `POST /containers/create`. */
export interface CreateBody {
  readonly Image: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly HostConfig?: Json;
  readonly NetworkingConfig?: { readonly EndpointsConfig: Readonly<Record<string, Json>> };
  readonly [key: string]: unknown;
}

export interface ContainerUsage {
  /** CPU time that the container's processes have used since its start, ns; null when the engine did not say. */
  readonly cpuNs: number | null;
  readonly memoryBytes: number | null;
  readonly processes: number | null;
}
