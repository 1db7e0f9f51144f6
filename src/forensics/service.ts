import type { Readable } from 'node:stream';
import type { CoverageItem, EvidenceCase, Freezer, Hold, Seal } from '../domain/evidence.ts';
import type { ChangeHandler } from '../domain/journal.ts';
import type { FoundText } from './find-text.ts';
import type { OpenFileRecord, ProcessRecord, SocketRecord } from './records.ts';

export interface CaseVerification {
  readonly ok: boolean;
  readonly checked: number;
  /** Key id: SHA-256 of the public key; null when it could not be read. */
  readonly signedBy: string | null;
  readonly problems: readonly { readonly path: string; readonly problem: string }[];
  readonly notes: readonly string[];
}

/** `evidence show --json`. Values of environment variables are masked. */
export interface CaseDetail {
  readonly evidence: EvidenceCase;
  readonly processes: readonly Omit<ProcessRecord, 'environment'>[];
  readonly sockets: readonly SocketRecord[];
  /** Files that tell something: changed, deleted but open, in memory only. */
  readonly files: readonly { readonly path: string; readonly what: string }[];
  /** Of every process; only where they were asked for. */
  readonly openFiles?: readonly OpenFileRecord[];
  readonly images: readonly { readonly name: string; readonly reference: string | null; readonly digest: string }[];
  readonly coverage: readonly CoverageItem[];
  readonly seal: Seal | null;
  readonly custody: readonly { readonly at: string; readonly zone: string; readonly who: string; readonly what: string }[];
  readonly lease: Hold | null;
  readonly timeline: readonly { readonly at: string; readonly what: string }[];
  readonly alert: { readonly rule: string; readonly processFound: string } | null;
}

export interface Pruned {
  readonly removed: readonly { readonly id: string; readonly bytes: number }[];
  readonly kept: readonly { readonly id: string; readonly reason: string }[];
}

/** Everything that Pitwall does with evidence and with the containers held for it. References: a case's id, a unique beginning, or a held container. */
export interface Forensics {
  readonly freezer: Freezer;
  readonly handlers: readonly ChangeHandler[];
  /** Adds to the custody log of a case; where it has no folder (any more) there is nothing to add to. */
  note(evidenceId: string, what: string, who: string): Promise<void>;
  /** Pushes what the registry has not got yet; sentences. */
  pushPending(signal: AbortSignal): Promise<readonly string[]>;
  show(reference: string, options?: { readonly openFiles: boolean }): Promise<CaseDetail>;
  /** Where a text is in what was captured of a sealed case; the custody log says that somebody searched, and not for what. */
  findText(reference: string, text: Buffer): Promise<FoundText>;
  /** What was signed of a case. */
  manifest(reference: string): Promise<unknown>;
  verify(reference: string, options: { readonly key?: string | undefined; readonly offline: boolean }): Promise<CaseVerification>;
  export(reference: string, file: string): Promise<{ readonly bytes: number; readonly sha256: string }>;
  download(reference: string, who: string): Promise<{ readonly name: string; readonly stream: Readable }>;
  prune(rule: {
    readonly olderThanMs?: number | undefined;
    readonly keepBytes?: number | undefined;
    readonly dryRun: boolean;
  }): Promise<Pruned>;
  /** The case that a reference means. @throws InvalidError `unknown_evidence`. */
  find(reference: string): EvidenceCase;
  /** Where the files of a case are. */
  folder(evidenceId: string): string;
}
