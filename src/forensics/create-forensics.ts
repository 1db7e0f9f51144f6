import type { Clock } from '../domain/clock.ts';
import type { RegistryConfig } from '../config/config.ts';
import type { Engine } from '../domain/engine.ts';
import { InvalidError } from '../domain/errors.ts';
import type { EvidenceCase } from '../domain/evidence.ts';
import type { Store } from '../store/store.ts';
import { loadSigner, type Signer } from './case/keys.ts';
import type { HostRecord } from './case/manifest.ts';
import { createFreezer, type FreezerDeps } from './freezer.ts';
import { holdHandlers } from './hold/handlers.ts';
import { prune } from './prune.ts';
import { salvage } from './salvage.ts';
import type { Forensics } from './service.ts';

export interface ForensicsDeps {
  readonly store: Store;
  readonly clock: Clock;
  /** `evidence.path`. */
  readonly root: string;
  /** Pitwall's home: the key is in it. */
  readonly home: string;
  readonly registry: RegistryConfig | null;
  /** `user:password`, read when it is needed; null: none. */
  credentials(): string | null;
  readonly host: HostRecord;
  readonly version: string;
  readonly actor: string;
  engines(): Promise<readonly Engine[]>;
  helperImage(engine: Engine): Promise<string>;
  newId(): string;
}

/** Evidence, and the containers held for it, as one thing that opens each of its parts when it is first asked for. */
export function createForensics(deps: ForensicsDeps): Forensics {
  const { store, clock, root } = deps;
  let key: Promise<Signer> | null = null;
  const signer = () => {
    key ??= loadSigner(deps.home);
    return key;
  };
  const freezerDeps: FreezerDeps = { ...deps, signer, publish: async () => ({ push: { state: 'none', reference: null, note: null }, notes: [] }) };
  const find = (reference: string): EvidenceCase => findCase(reference, store);
  return {
    freezer: createFreezer(freezerDeps),
    handlers: holdHandlers({ ...deps, salvage: (id) => salvage(id, freezerDeps) }),
    prune: async (rule) => prune(rule, { store, clock, root, engines: await deps.engines() }),
    find,
  } as unknown as Forensics;
}

/** By its id or a unique beginning, or by the name or id of a container that is held. */
function findCase(reference: string, store: Store): EvidenceCase {
  const found = store.evidence.get(reference);
  if (found !== null) return found;
  const held = store.holds.current().filter(({ containerName, containerId }) => containerName === reference || (reference.length >= 12 && containerId.startsWith(reference)));
  const [only] = held;
  if (held.length > 1) {
    throw new InvalidError('evidence_ambiguous', `${reference} is held on more than one engine: ${held.map(({ evidenceId, engine }) => `${evidenceId} (${engine})`).join(', ')}`);
  }
  const one = only === undefined ? null : store.evidence.get(only.evidenceId);
  if (one !== null) return one;
  // a name that the container had when it was frozen
  const taken = store.evidence.list().filter(({ container, state }) => container.name === reference && state !== 'pruned');
  if (taken.length === 1 && taken[0] !== undefined) return taken[0];
  throw new InvalidError('unknown_evidence', `there is no evidence ${reference}`, { hint: 'pitwall evidence list' });
}

