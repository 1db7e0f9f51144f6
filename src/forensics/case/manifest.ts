import type { Artefact, CoverageItem, Disposition, EvidenceContainer, MemoryMode, Seal } from '../../domain/evidence.ts';
import type { Json } from '../../domain/journal.ts';
import type { Trigger } from '../../domain/words.ts';
import type { CutFile } from './checkpoint/mend-tar.ts';
import type { CoreFile } from './cores.ts';

/** Where the evidence was taken; what NIST SP 800-61 asks to identify it by. */
export interface HostRecord {
  readonly name: string;
  readonly bootId: string | null;
  /** IANA name. */
  readonly zone: string;
  readonly kernel: string;
  readonly architecture: string;
  readonly addresses: readonly { readonly interface: string; readonly address: string; readonly mac: string }[];
}

/** What the freeze knows of a case when it is sealed. */
export interface CaseRecord {
  readonly runId: string;
  readonly container: EvidenceContainer;
  readonly engine: { readonly name: string; readonly id: string; readonly version: string; readonly environment?: string | null };
  readonly host: HostRecord;
  /** The version of Pitwall. */
  readonly version: string;
  readonly trigger: Trigger;
  readonly actor: string;
  readonly reason: string | null;
  readonly disposition: Disposition;
  readonly memory: MemoryMode;
  /** RFC 3339, UTC; null: not reached. */
  readonly requestedAt: string;
  readonly frozenAt: string | null;
  readonly releasedAt?: string | null;
  /** Null where it did not come so far. */
  readonly coverage: readonly CoverageItem[];
  readonly seal: Seal | null;
  /** `role`: `filesystem` is what was committed. */
  readonly images: readonly {
    readonly role: 'filesystem' | 'checkpoint' | 'original';
    readonly reference: string;
    readonly digest: string;
  }[];
  /** `NAME=value`, as the engine tells it; values are masked here. */
  readonly environment: readonly string[];
  /** What the capture itself changed: a helper was started, pages were faulted in. Sentences. */
  readonly alterations: readonly string[];
  readonly notes: readonly string[];
  /** The alert that asked for it, as it came. */
  readonly alert?: Json;
}

/** `files/manifest.json`. */
export interface Manifest extends CaseRecord {
  readonly schema: typeof manifestSchema;
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly sealedAt: string;
  /** It was taken up again after Pitwall was ended in the middle of it. */
  readonly recovered: boolean;
  readonly cores: readonly CoreFile[];
  /** Shorter than they should be. */
  readonly cut: readonly CutFile[];
  /** Sentences: what should be there and is not. */
  readonly missing: readonly string[];
  /** Every file of the export that existed then, but for the manifest itself and the README. */
  readonly artefacts: readonly Artefact[];
}

export const manifestSchema = 'https://pitwall.dev/manifest/v1';

/** `NAME=***`: evidence holds the value, what people read does not. */
export function maskVariable(variable: string): string {
  const equals = variable.indexOf('=');
  return equals < 0 ? variable : `${variable.slice(0, equals)}=***`;
}

export function mediaTypeOf(path: string): string {
  if (path.endsWith('.json') || path === 'oci/oci-layout') return 'application/json';
  if (path.endsWith('.jsonl')) return 'application/jsonl';
  if (path.endsWith('.tar')) return 'application/x-tar';
  if (path.endsWith('.md')) return 'text/markdown';
  if (path.endsWith('.txt') || path.endsWith('.log')) return 'text/plain';
  if (path.startsWith('cores/') && !path.endsWith('.head')) return 'application/x-coredump';
  return 'application/octet-stream';
}
