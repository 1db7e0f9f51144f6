import type { Secret } from '../secret.ts';
import type { CallOptions, Json } from './call.ts';

/** What is asked of a Swarm. Each call throws `not_a_manager` where the engine is none. */
export interface SwarmCalls {
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
}

export interface ServiceInspect {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: ServiceSpec;
  /** Of the last update: `updating`, `paused`, `completed`, `rollback_started`, `rollback_paused`, `rollback_completed`. Left out when there was none. */
  readonly UpdateStatus?: { readonly State: string };
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
