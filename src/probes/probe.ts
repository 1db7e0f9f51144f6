/**
 * What a probe is. Its id is Pitwall's own and never changes; numbers of benchmarks and of ATT&CK are side maps (`references.ts`), as those are
 * renumbered. A probe holds only with its positive control, and counts only once it was seen red in a dummy with its weakness planted.
 */
import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { FileChange } from '../domain/engine/files.ts';
import type { ImageInspect } from '../domain/engine/images.ts';
import type { NetworkInspect } from '../domain/engine/networks.ts';
import type { ExecInspect } from '../domain/engine/streams.ts';
import type { EngineComponent, EngineInfo } from '../domain/engine.ts';
import type { FindingState, Severity } from '../domain/words.ts';

export const groups = ['privilege', 'filesystem', 'network', 'resources', 'secrets', 'image'] as const;
export type Group = (typeof groups)[number];

/**
 * read-only: looks, and changes nothing anywhere. dummy-only: changes state in the dummy alone. stays-on-host: sends packets that stay on the
 * host's bridges. may-leave-host: its packets may leave the host, so it is off unless asked for.
 */
export type SafetyClass = 'read-only' | 'dummy-only' | 'stays-on-host' | 'may-leave-host';

export interface Probe {
  /** `PRV-04`, as the research has it. */
  readonly id: string;
  readonly group: Group;
  /** What holds when it holds, a few words: `Seccomp really filters`. */
  readonly title: string;
  /** What is attempted or read, a sentence. */
  readonly attempt: string;
  readonly severity: Severity;
  readonly safety: SafetyClass;
  /** How its answer is read, by class of errno, a sentence or two. */
  readonly reading: string;
  /** What shows that the attempt could have worked, a sentence. */
  readonly control: string;
  /** Run in the dummy, in order. One named `control` must end with 0, or nothing that the probe says holds. (Default: none, the API alone is asked.) */
  steps?(ground: Ground): readonly Step[];
  /** It ends or loads its dummy, so it has one of its own, in which this limit of the original's is tried. */
  readonly alone?: 'pids' | 'memory' | 'cpu';
  judge(facts: Facts): Answer;
  readonly weakness: Weakness;
}

/** Name of a weak dummy (`weak/`) in which the probe must be broken, or why there can be none. */
export type Weakness = { readonly in: string } | { readonly none: string };

/** What steps are made from. */
export interface Ground {
  readonly inspect: ContainerInspect;
  readonly image: ImageInspect;
  /** Paths in the dummy of writable volumes that are its own scratch: nothing of the original's is behind them. */
  readonly scratch: readonly string[];
  /** Addresses of the gateways of the networks that the dummy is on. */
  readonly gateways: readonly string[];
  /** What stands for the outside; null: nothing may leave the host. */
  readonly outside: Outside | null;
  /** In argv and environment of what is run, so that an alert can be told to be of this run; null: none. */
  readonly mark: string | null;
}

/**
 * `real`: the world itself, for those who asked for it; else the address of a decoy on an internal network, `10.1.2.3:80`. `answers`: it was seen
 * to answer a moment ago from where it may be reached; without that its silence proves nothing. (Default: false.)
 */
export type Outside = ({ readonly real: true } | { readonly decoy: string }) & { readonly answers?: boolean };

export interface Step {
  readonly name: string;
  /** For the dummy's shell; programs are `$B applet`, as the image may have none. Never holds a secret. */
  readonly run: string;
  /** The most it may take. (Default: 3.) */
  readonly seconds?: number;
  /** It mostly waits: run beside the others. Its output is then kept to 2 KiB. (Default: false.) */
  readonly aside?: boolean;
  /** Bytes of output that are kept. (Default: 2048.) */
  readonly bytes?: number;
  /** Its output may hold a secret: the judge sees it, no record ever does. (Default: false.) */
  readonly confidential?: boolean;
}

export interface StepResult {
  readonly command: string;
  /** 137 when its time was up. */
  readonly exitCode: number;
  /** Both streams, cut to `bytes`. */
  readonly output: string;
  /** There was more than is kept. (Default: false.) */
  readonly cut?: boolean;
}

/** All that a probe may judge by. For a weak dummy they are the dummy's own. */
export interface Facts {
  /** What the API says of the target. */
  readonly inspect: ContainerInspect;
  readonly image: ImageInspect;
  /** Id of the image that the container's reference names on the engine now; null when there is none. */
  readonly named: string | null;
  /** `CreatedBy` of each layer, the newest first. */
  readonly history: readonly string[];
  readonly host: HostFacts;
  /** Running containers of the engine that are not ours, the target left out. */
  readonly others: readonly ContainerInspect[];
  /** Names of those others of which the engine says nothing, as when one of them hangs: what they share is not known. */
  readonly silent: readonly string[];
  /** What changed in the original's layer since it was created; null when that could not be asked. */
  readonly changes: readonly FileChange[] | null;
  /** Of these, the files that may be executed, added or modified; null when not all could be looked at. */
  readonly executables: readonly string[] | null;
  readonly execs: readonly ExecInspect[];
  /** Paths in the original, below its mounts: sockets where engines have theirs, and mounts that are a socket. Null: not all could be asked for. */
  readonly sockets: readonly string[] | null;
  /** What the original printed last, both streams; null when its log cannot be read. May hold secrets: no record ever does. */
  readonly logs: string | null;
  /** The original itself, seen from beside it; null where it does not run. */
  readonly seen: Seen | null;
  /** The dummy, seen by itself; null where there was none. */
  readonly dummySeen: Seen | null;
  readonly allow: Allowed;
  /** What stood for the outside; null: nothing was to leave the host. */
  readonly outside: Outside | null;
  /** Why nothing was attempted in a dummy; null where it was. */
  readonly unattempted: string | null;
  step(name: string): StepResult | null;
  /** A prefix of a salted hash, the same for equal values of one run. */
  hashed(value: string): string;
}

export interface HostFacts {
  readonly info: EngineInfo;
  /** `docker info`, raw. */
  readonly daemon: Readonly<Record<string, unknown>>;
  readonly components: readonly EngineComponent[];
  readonly networks: readonly NetworkInspect[];
  /** UTC ms. */
  readonly now: number;
}

/** A container's processes and sockets, as `/proc` shows them. */
export interface Seen {
  /** Of the first process’s `/proc/PID/status`: `CapEff` → `00000000a80425fb`; empty where it could not be told among those of another container. */
  readonly status: Readonly<Record<string, string>>;
  readonly processes: readonly { readonly pid: number; readonly argv: readonly string[] }[];
  /** All of them: the list was neither cut off nor too long to be read in time. */
  readonly processesRead: boolean;
  /** Of TCP. Empty also where they could not be read. */
  readonly listeners: readonly { readonly address: string; readonly port: number }[];
  /** Of UDP, bound and connected to nobody. */
  readonly datagrams: readonly { readonly address: string; readonly port: number }[];
  /** Ports that the kernel gives to who asks for any, the last included; null: the list of UDP sockets was not read whole. */
  readonly anyPorts: readonly [from: number, to: number] | null;
  /** Names of Unix sockets that lie in no file system: `@/containerd-shim/…`. They belong to the network namespace. */
  readonly abstract: readonly string[];
  /** All of them. */
  readonly abstractRead: boolean;
  /** All of them. */
  readonly listenersRead: boolean;
  /** Names of its network interfaces, `lo` included. */
  readonly interfaces: readonly string[];
}

/** What the drill's `allow` says of a service. */
export interface Allowed {
  /** Without `CAP_`; null: Docker's default ones. */
  readonly capabilities: readonly string[] | null;
  /** Ports of the host. */
  readonly publishedPorts: readonly number[];
  /** Ports that something may listen on beside those that are exposed or published. */
  readonly listeners: readonly number[];
  /** Paths in the container, or volumes, or paths of the host. */
  readonly mounts: readonly string[];
  /** `any`, or the users it may run as; null: none but non-root. */
  readonly user: 'any' | readonly string[] | null;
}

export interface Answer {
  readonly state: FindingState;
  /** What was seen, a sentence without secrets; the commands and their answers are added to it. */
  readonly evidence: string;
  /** Where API and kernel do not say the same: a sentence that says both. It becomes a finding of its own. */
  readonly disagreement?: string;
}

export const holds = (evidence: string): Answer => ({ state: 'holds', evidence });
export const broken = (evidence: string): Answer => ({ state: 'broken', evidence });
export const inconclusive = (evidence: string): Answer => ({ state: 'inconclusive', evidence });
export const notApplicable = (evidence: string): Answer => ({ state: 'not-applicable', evidence });
