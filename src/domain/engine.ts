/**
 * The Docker Engine API as the rest of Pitwall sees it; `engine/` has its calls and shapes by what they are about, `src/engine`
 * implements it, and asks for nothing else.
 * Every call has a time-out and throws `EngineError`; aborted, it rejects at once with the signal's reason. What was asked may then have
 * been done all the same, as after `engine_timeout` and `engine_unreachable`. Late on `stop`, `restart`, `wait` and `exec` while the engine
 * answers is `engine_failed` with `context.timedOut`: the container is slow, the engine not lost. Shapes are the engine's own JSON at the negotiated API version
 * (https://docs.docker.com/reference/api/engine/), of which only what we read is typed.
 */
import type { CallOptions, Json } from './engine/call.ts';
import type { ContainerCalls } from './engine/containers.ts';
import type { EventCalls } from './engine/events.ts';
import type { FileCalls } from './engine/files.ts';
import type { ImageCalls } from './engine/images.ts';
import type { NetworkCalls } from './engine/networks.ts';
import type { StreamCalls } from './engine/streams.ts';
import type { SwarmCalls } from './engine/swarm.ts';
import type { VolumeCalls } from './engine/volumes.ts';

export interface Engine extends ContainerCalls, FileCalls, StreamCalls, EventCalls, NetworkCalls, VolumeCalls, ImageCalls, SwarmCalls {
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

  /** Ends every stream and socket. */
  close(): Promise<void>;
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
