import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { RegistryConfig } from '../config/config.ts';
import type { Clock } from '../domain/clock.ts';
import type { Engine } from '../domain/engine.ts';
import { FailedError, InvalidError } from '../domain/errors.ts';
import type { EvidenceCase } from '../domain/evidence.ts';
import type { Store } from '../store/store.ts';
import { names } from './case/case-path.ts';
import { openCustody } from './case/custody.ts';
import { loadSigner, type Signer } from './case/keys.ts';
import type { HostRecord } from './case/manifest.ts';
import { createFreezer } from './freezer.ts';
import type { FreezerDeps } from './freezer-deps.ts';
import { holdHandlers } from './hold/handlers.ts';
import type { RegistryAccess } from './oci/access.ts';
import type { Publisher } from './publish.ts';
import { requireFolder } from './require-folder.ts';
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

/** Evidence, and the containers held for it, as one thing that loads and opens each of its parts when it is first asked for. */
export function createForensics(deps: ForensicsDeps): Forensics {
  const { store, clock, root, host } = deps;
  let key: Promise<Signer> | null = null;
  const signer = () => {
    key ??= loadSigner(deps.home);
    return key;
  };
  const registry = deps.registry === null ? null : accessOf(deps.registry, deps);
  const custody = async (id: string, who: string) =>
    openCustody(join(root, id), {
      id,
      signer: await signer(),
      clock,
      handler: { who, host: host.name, boot: host.bootId, zone: host.zone },
    });
  const pushes: Publisher = registry === null ? keptHere : loadedPublisher(registry);
  const freezerDeps: FreezerDeps = { ...deps, signer, publisher: pushes };
  const find = (reference: string): EvidenceCase => findCase(reference, store);
  const sealed = (reference: string): EvidenceCase => {
    const found = find(reference);
    if (found.state === 'pruned') throw new FailedError('pruned', `the bytes of ${found.id} were removed`);
    if (found.state === 'capturing')
      throw new FailedError('evidence_unsealed', `${found.id} is being captured`, { hint: 'wait for its freeze, or run: pitwall recover' });
    requireFolder(root, found.id);
    return found;
  };
  return {
    freezer: createFreezer(freezerDeps),
    handlers: holdHandlers({ ...deps, salvage: async (id) => (await import('./salvage.ts')).salvage(id, freezerDeps) }),
    find,
    folder: (id) => join(root, id),
    async note(id, what, who) {
      if (existsSync(join(root, id))) (await custody(id, who)).add({ what });
    },
    pushPending: async (signal) =>
      registry === null
        ? []
        : (await import('./push-waiting.ts')).pushWaiting(registry, {
            store,
            root,
            signal,
            note: async (id, what) => void (await custody(id, 'pitwall')).add({ what }),
          }),
    show: async (reference, options) => (await import('./show-case.ts')).showCase(find(reference), root, options),
    async findText(reference, text) {
      const { id } = sealed(reference);
      (await custody(id, deps.actor)).add({ what: 'searched' });
      return (await import('./find-text.ts')).findText(id, join(root, id), text);
    },
    manifest: async (reference) => JSON.parse(await readFile(join(root, sealed(reference).id, names.manifest), 'utf8')) as unknown,
    verify: async (reference, options) => (await import('./verify-case.ts')).verify(reference, options, { root, registry, signer, find }),
    async export(reference, file) {
      const { id } = sealed(reference);
      const [{ exportCase }, { hashFile }] = await Promise.all([import('./case/export.ts'), import('./case/hash-file.ts')]);
      const { bytes } = await exportCase(join(root, id), file, await custody(id, deps.actor));
      return { bytes, sha256: (await hashFile(file)).sha256 };
    },
    async download(reference, who) {
      const { id } = sealed(reference);
      const { exportCase } = await import('./case/export.ts');
      const stream = new PassThrough();
      void exportCase(join(root, id), stream, await custody(id, who)).catch((error: unknown) =>
        stream.destroy(error instanceof Error ? error : undefined),
      );
      return { name: `${id}.tar`, stream };
    },
    prune: async (rule) =>
      (await import('./prune.ts')).prune(rule, { store, clock, root, engines: await deps.engines(), registry: registry !== null }),
  };
}

const keptHere: Publisher = {
  ahead: () => undefined,
  publish: async () => ({ push: { state: 'none', reference: null, note: null }, notes: [] }),
};

/** Loaded with the first case that is pushed. */
function loadedPublisher(registry: RegistryAccess): Publisher {
  let loading: Promise<Publisher> | null = null;
  const load = () => {
    loading ??= import('./oci/repush.ts').then(({ publisher }) => publisher(registry));
    return loading;
  };
  return {
    ahead: (...args) => void load().then((loaded) => loaded.ahead(...args)),
    publish: async (...args) => (await load()).publish(...args),
  };
}

function accessOf(registry: RegistryConfig, { credentials }: ForensicsDeps): RegistryAccess {
  return { ...registry, credentials: registry.credentials === null ? null : () => credentials() ?? '' };
}

/** By its id or a unique beginning, or by the name or id of a container that is held. */
function findCase(reference: string, store: Store): EvidenceCase {
  const found = store.evidence.get(reference);
  if (found !== null) return found;
  const held = store.holds
    .current()
    .filter(
      ({ containerName, containerId }) => containerName === reference || (reference.length >= 12 && containerId.startsWith(reference)),
    );
  const [only] = held;
  if (held.length > 1) {
    throw new InvalidError(
      'evidence_ambiguous',
      `${reference} is held on more than one engine: ${held.map(({ evidenceId, engine }) => `${evidenceId} (${engine})`).join(', ')}`,
    );
  }
  const one = only === undefined ? null : store.evidence.get(only.evidenceId);
  if (one !== null) return one;
  // a name that the container had when it was frozen
  const taken = store.evidence.list().filter(({ container, state }) => container.name === reference && state !== 'pruned');
  const [newest] = taken;
  if (newest !== undefined && taken.length === 1) return newest;
  if (newest !== undefined) {
    throw new InvalidError('evidence_ambiguous', `there are ${taken.length} cases of ${reference}; the newest is ${newest.id}`, {
      hint: 'pitwall evidence list',
    });
  }
  throw new InvalidError('unknown_evidence', `there is no evidence ${reference}`, { hint: 'pitwall evidence list' });
}
