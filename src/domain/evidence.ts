/**
 * What a freeze captures, and how the container is held meanwhile.
 *
 * freeze: the container's processes are stopped by the kernel's freezer, all at one instant. case: the evidence of one container, `ev_` and
 * a ULID. hold: a frozen container that Pitwall answers for, with its lease. lease: how long it is held, and what happens then.
 * coverage: what was captured, what was not, and why. seal: proof that nothing ran between start and end. custody: who did what with it.
 * disposition: what becomes of the container once its evidence is safe.
 */
import type { ContainerInspect } from './engine/containers.ts';
import type { Engine } from './engine.ts';
import type { ChangeData, Journal, Json } from './journal.ts';
import type { Trigger } from './words.ts';

export const dispositions = ['keep', 'resume', 'quarantine', 'replace'] as const;
export type Disposition = (typeof dispositions)[number];
/** What a lease does when its time is over. `notify` keeps it frozen: thawing a suspect by itself frees the attacker. */
export const expiryPolicies = ['notify', 'resume', 'kill', 'replace'] as const;
export type ExpiryPolicy = (typeof expiryPolicies)[number];
/** `proc` reads /proc; `full` takes a CRIU checkpoint as well. */
export const memoryModes = ['proc', 'full', 'off'] as const;
export type MemoryMode = (typeof memoryModes)[number];

/** `capturing` until it is signed; `partial` when a step that was asked for did not capture everything; `pruned` when its bytes are gone. */
export const evidenceStates = ['capturing', 'whole', 'partial', 'pruned'] as const;
export type EvidenceState = (typeof evidenceStates)[number];

/** The steps of a capture, the most volatile first (RFC 3227, 2.1). */
export const captureSteps = [
  'memory',
  'checkpoint',
  'processes',
  'network',
  'executables',
  'deleted-files',
  'tmpfs',
  'disk',
  'logs',
  'volumes',
  'image',
] as const;
export type CaptureStep = (typeof captureSteps)[number];

export interface CoverageItem {
  readonly step: CaptureStep;
  /** `absent`: there was nothing of the kind, so nothing is missing. `not-asked`: left out on request. */
  readonly state: 'captured' | 'partial' | 'missing' | 'absent' | 'not-asked';
  /** Why it is not whole, a sentence; null when captured. */
  readonly reason: string | null;
  /** Of what there was, the part that was captured, 0–1. */
  readonly share: number;
  readonly bytes: number;
  /** UTC, RFC 3339. */
  readonly startedAt: string;
  readonly ms: number;
}

/** What was read at one end of the hold. Null: could not be read. */
export interface SealReading {
  readonly at: string;
  /** What the engine says. */
  readonly paused: boolean;
  /** What the kernel's freezer says, where it can be seen. */
  readonly freezer: 'frozen' | 'thawed' | null;
  /** CPU time that the container's processes have used, ns. */
  readonly cpuNs: number | null;
  /** SHA-256 over path, type, mode, owner, size, mtime, ctime and content of everything in the writable layer. */
  readonly layer: {
    readonly sha256: string;
    readonly files: number;
    readonly bytes: number /** Contents were left out of it. */;
    readonly metadataOnly: boolean;
  } | null;
}

export interface Seal {
  /** `broken`: something ran, or may have. `unknown`: a proof is missing, and nothing speaks against it. */
  readonly state: 'intact' | 'broken' | 'unknown';
  readonly reasons: readonly string[];
  readonly start: SealReading | null;
  readonly end: SealReading | null;
  /** CPU time that was used while CRIU ran code of its own in the processes, ns, of what lies between the two readings; null without a checkpoint. */
  readonly checkpointCpuNs: number | null;
  /** The engine's own events between start and end, the second witness: `pause`, `commit`, … */
  readonly events: readonly { readonly at: string; readonly action: string }[];
}

/** One file of a case, named as in its export. */
export interface Artefact {
  readonly path: string;
  readonly bytes: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  readonly mediaType: string;
}

export interface EvidenceContainer {
  readonly id: string;
  readonly name: string;
  readonly service: string | null;
  readonly image: string;
  readonly imageId: string;
  /** Compose project and labels, for reading later. */
  readonly labels: Readonly<Record<string, string>>;
}

export type HoldState =
  /** The pause is asked for, or about to be. */
  | 'freezing'
  | 'held'
  /** Frozen, and cut off from its networks. */
  | 'quarantined'
  | 'released';

export interface Hold {
  readonly evidenceId: string;
  /** The engine's name in the configuration, and its own id. */
  readonly engine: string;
  readonly engineId: string;
  readonly containerId: string;
  /** By now: a replaced one has another name. */
  readonly containerName: string;
  readonly state: HoldState;
  /** Somebody else had frozen it before: it is used as it is and left paused, whatever the disposition. */
  readonly foreign: boolean;
  /** UTC ms. */
  readonly since: number;
  readonly deadline: number;
  readonly onExpiry: ExpiryPolicy;
  /** UTC ms of the last notice that it is overdue. */
  readonly noticedAt: number | null;
  readonly endedAt: number | null;
  /** How it ended: `resumed`, `killed`, `gone`, `never frozen`, `seal broken: …`. */
  readonly ending: string | null;
}

/** The row of a case. What grows is in its folder. */
export interface EvidenceCase {
  readonly id: string;
  readonly runId: string;
  readonly engine: string;
  readonly engineId: string;
  readonly container: EvidenceContainer;
  readonly state: EvidenceState;
  readonly reason: string | null;
  readonly actor: string;
  readonly trigger: Trigger;
  readonly disposition: Disposition;
  readonly memory: MemoryMode;
  /** UTC ms: the request, the verified freeze, the signature. */
  readonly requestedAt: number;
  readonly frozenAt: number | null;
  readonly sealedAt: number | null;
  readonly bytes: number;
  /** 0–1; null while capturing. */
  readonly coverage: number | null;
  readonly seal: Seal['state'] | null;
  /** The committed file system on the engine: `sha256:…`. */
  readonly committedImage: string | null;
  /** `none`: no registry is configured. `pending`: will be pushed when the registry answers. */
  readonly push: { readonly state: 'none' | 'pending' | 'pushed'; readonly reference: string | null; readonly note: string | null };
  readonly prunedAt: number | null;
  readonly hold: Hold | null;
}

/** Where a capture step puts its bytes. One file is open at a time. */
export interface EvidenceSink {
  /**
   * Paths are ours, never a container's: `checkpoint/…` becomes an entry of `checkpoint.tar`, in the order of arrival; `cores/…` and
   * `files/…` are files of the case. Exactly `size` bytes must be written before `close`.
   */
  file(path: string, size: number): Promise<SinkFile>;
}

export interface SinkFile {
  write(chunk: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** What one step of a capture came to. */
export interface StepResult {
  readonly state: 'captured' | 'partial' | 'absent';
  readonly reason: string | null;
  readonly share: number;
  readonly bytes: number;
  /** What the step found, as JSON; each step documents its shape. */
  readonly value: Json;
}

export interface FreezeRequest {
  /** `inspect`: as it was read a moment ago, so that nobody has to ask again before the pause. */
  readonly containers: readonly { readonly id: string; readonly inspect?: ContainerInspect | undefined }[];
  /** Reading of the monotonic clock when the request was received. */
  readonly receivedAt: number;
  readonly reason: string | null;
  readonly disposition: Disposition;
  readonly memory: MemoryMode;
  readonly volumes: boolean;
  readonly leaseMs: number;
  readonly onExpiry: ExpiryPolicy;
  /** The same once a fresh one is in its place: the two must not run side by side. (Default: `onExpiry`.) */
  readonly onceReplaced?: ExpiryPolicy | undefined;
  /** An alert that asked for it, as it came; it becomes part of the evidence. */
  readonly alert: Json;
}

/** A freeze on demand, as a responder asks for it. Exactly one of `containers`, `compose` and `label` says which. */
export interface FreezeOrder {
  /** Names, ids or unique beginnings of ids. */
  readonly containers: readonly string[] | null;
  /** Every running container of a Compose project. */
  readonly compose: string | null;
  /** Every running container that carries all of them. */
  readonly label: Readonly<Record<string, string>> | null;
  /** Name of an engine in the configuration; null: wherever the containers are found. */
  readonly engine: string | null;
  readonly reason: string | null;
  readonly disposition: Disposition;
  readonly memory: MemoryMode;
  readonly volumes: boolean;
  readonly leaseMs: number;
  readonly onExpiry: ExpiryPolicy;
  /** Also a container with `pitwall.skip`; needs a reason. */
  readonly force: boolean;
  readonly alert: Json | null;
}

/** What a freeze of one container came to. Times in ms. */
export interface FreezeResult {
  readonly evidence: EvidenceCase;
  /** The folder of the case. */
  readonly folder: string;
  /** From the request to the verified frozen state. */
  readonly timeToFreeze: number;
  /** How long it was frozen; null when it still is. */
  readonly frozenTime: number | null;
  /** From the request to the signed evidence. */
  readonly timeToEvidence: number;
  /** How long the service had no running container; null when it is not known: kept frozen, it goes on. */
  readonly downtime: number | null;
  readonly coverage: readonly CoverageItem[];
  readonly seal: Seal;
  /** What became of it, in a few words: `frozen, held until …`, `resumed`, `replaced by …`. */
  readonly outcome: string;
  /** Sentences for the reader: the registry is down, nobody is watching the lease, … */
  readonly notes: readonly string[];
  /** The disposition could not be carried out; the container is held frozen instead. */
  readonly failure: string | null;
}

/** What the freezer needs of the run that it is part of. */
export interface FreezeIo {
  readonly runId: string;
  readonly actor: string;
  readonly trigger: Trigger;
  readonly engine: Engine;
  readonly journal: Journal;
  /** Aborted: no new step is begun, what was captured is sealed as partial, and the container is released as the disposition says. */
  readonly signal: AbortSignal;
  /** Durable in one step with the rows of the freeze; throws when the containers must not be touched. */
  begin?(): void;
  event(type: string, targetName: string | null, message: string, data?: ChangeData): void;
}

export interface FreezeOutcome {
  readonly cases: readonly FreezeResult[];
  /** Frozen, and then something of ours failed: held, or settled by the journal; with the reason. */
  readonly failed: readonly { readonly id: string; readonly name: string; readonly reason: string }[];
  /** Asked for, and not frozen, with the reason. */
  readonly notFrozen: readonly { readonly id: string; readonly name: string; readonly reason: string }[];
  /** Between the first and the last of a set to be frozen, ms, by the engine's own clock; null for a single one. */
  readonly skewMs: number | null;
}

/** Given to a drill by the runner. */
export interface Freezer {
  /**
   * Freezes every container as near to one instant as possible, captures each, and does with it what the disposition says. Of a set those
   * that can be are frozen: thawing a suspect because another is gone would free the attacker.
   * @throws FailedError `not_frozen` when none could be frozen.
   */
  freeze(request: FreezeRequest, io: FreezeIo): Promise<FreezeOutcome>;
}

/** Of what was asked for, the part that was captured; each step counts the same. */
export function coverageOf(items: readonly CoverageItem[]): number {
  const asked = items.filter((item) => item.state !== 'absent' && item.state !== 'not-asked');
  return asked.length === 0
    ? 0
    : asked.reduce((sum, item) => sum + (item.state === 'captured' ? 1 : item.state === 'missing' ? 0 : item.share), 0) / asked.length;
}
