import { join } from 'node:path';
import { instant } from '../domain/clock.ts';
import type { EngineInfo } from '../domain/engine.ts';
import { DatabaseError, PitwallError } from '../domain/errors.ts';
import { coverageOf, type EvidenceCase, type FreezeIo, type FreezeRequest, type Seal } from '../domain/evidence.ts';
import type { Captured } from './capture/capture.ts';
import { keepCheckpoint } from './capture/checkpoint.ts';
import { checkpointAnnotations, checkpointMeta } from './capture/meta.ts';
import type { CaseRecord } from './case/manifest.ts';
import { sealCase } from './case/seal.ts';
import type { CaseWriter } from './case/writer.ts';
import type { FrozenContainer } from './freeze/freeze-set.ts';
import type { FreezerDeps } from './freezer.ts';
import { checkpointImage } from './oci/checkpoint-image.ts';
import { type Layout, openLayout } from './oci/layout.ts';
import type { Descriptor } from './oci/media.ts';
import { saveCommitted } from './oci/save-committed.ts';
import { attachStatement, type DsseEnvelope } from './oci/statement.ts';
import { waiting } from './publish.ts';

export interface Finishing {
  readonly one: FrozenContainer;
  readonly request: FreezeRequest;
  readonly io: FreezeIo;
  readonly info: EngineInfo;
  readonly captured: Captured;
  readonly seal: Seal;
  readonly writer: CaseWriter;
  readonly frozenTime: number | null;
  /** What became of the container, for the journal. */
  readonly outcome: string;
}

export interface Finished {
  readonly evidence: EvidenceCase;
  readonly notes: readonly string[];
}

type Images = { role: 'filesystem' | 'checkpoint' | 'original'; reference: string; digest: string; descriptor: Descriptor | null }[];

/**
 * Makes images of what was captured, signs it all, and publishes it. The container does not wait for any of it. Until it is signed the
 * change stays open: if this process is gone before, the next one seals what there is.
 */
export async function finishCase(work: Finishing, deps: FreezerDeps): Promise<Finished> {
  const { one, io, captured, seal, writer } = work;
  const { store, clock } = deps;
  const notes: string[] = [];
  const layout = openLayout(writer.folder, one.evidenceId, deps.root);
  const { images, problems } = await makeImages(work, layout);
  const whole = captured.coverage.every(({ state }) => state !== 'missing' && state !== 'partial') && problems.length === 0;
  notes.push(...problems);
  const sealed = await sealCase(writer, recordOf(work, images, notes, deps), {
    async attach(statement) {
      const envelope = JSON.parse(statement.toString()) as DsseEnvelope;
      for (const { descriptor } of images) {
        if (descriptor !== null) await attachStatement(layout, descriptor, envelope, { signedAt: instant(clock.now()) });
      }
    },
  });
  store.atOnce(() => {
    store.evidence.update(one.evidenceId, {
      state: whole ? 'whole' : 'partial',
      sealedAt: clock.now(),
      bytes: sealed.bytes,
      coverage: coverageOf(captured.coverage),
      seal: seal.state,
      ...(captured.imageId === null ? {} : { committedImage: captured.imageId }),
      ...(deps.registry == null ? {} : { push: waiting }),
    });
    one.change.close('done', work.outcome);
  });
  const published = await deps.publish(one.evidenceId, writer.folder, io.signal);
  store.evidence.update(one.evidenceId, { push: published.push });
  const evidence = store.evidence.get(one.evidenceId);
  if (evidence === null) throw new Error(`case ${one.evidenceId} is not in the database that it was written to`);
  return { evidence, notes: [...notes, ...published.notes] };
}

/** The committed file system, the archive of memory, and CRIU's own; each that fails is said and leaves the others. */
async function makeImages({ one, io, info, captured, writer }: Finishing, layout: Layout): Promise<{ images: Images; problems: string[] }> {
  const images: Images = [{ role: 'original', reference: one.before.Config.Image, digest: one.before.Image, descriptor: null }];
  const problems: string[] = [];
  const add = async (what: string, role: 'filesystem' | 'checkpoint', make: () => Promise<Descriptor>) => {
    try {
      const descriptor = await make();
      images.push({
        role,
        reference: descriptor.annotations?.['org.opencontainers.image.ref.name'] ?? what,
        digest: descriptor.digest,
        descriptor,
      });
    } catch (error) {
      if (error instanceof DatabaseError || !(error instanceof PitwallError)) throw error;
      problems.push(`${what} could not be kept as an image: ${error.message}`);
    }
  };
  const { imageId, checkpoint } = captured;
  // until the images are made, an end of this process costs nothing: the committed image stays on the engine
  const signal = new AbortController().signal;
  if (imageId !== null) await add('the file system', 'filesystem', () => saveCommitted(io.engine, imageId, layout, { signal }));
  const archive = writer.written.get('checkpoint.tar');
  if (archive !== undefined) {
    await add('the memory', 'checkpoint', () =>
      checkpointImage(
        layout,
        { name: 'checkpoint', path: join(writer.folder, 'checkpoint.tar'), ...archive },
        checkpointAnnotations(one.before, info, null),
      ),
    );
  }
  if (checkpoint !== null) {
    await add('the CRIU checkpoint', 'checkpoint', async () => {
      const path = join(writer.folder, 'criu.tar');
      const meta = checkpointMeta(one.before, instant(one.stopped.at), true);
      const written = await keepCheckpoint(checkpoint, path, meta, () => io.engine.removeCheckpoint(one.before.Id, checkpoint.name));
      return checkpointImage(layout, { name: 'criu', path, ...written }, checkpointAnnotations(one.before, info, 'of the engine'));
    });
  }
  return { images, problems };
}

function recordOf(
  { one, request, io, info, captured, seal, frozenTime }: Finishing,
  images: Images,
  notes: readonly string[],
  deps: FreezerDeps,
): CaseRecord {
  const { before, stopped } = one;
  const evidence = deps.store.evidence.get(one.evidenceId);
  if (evidence === null) throw new Error(`case ${one.evidenceId} is not in the database that it was written to`);
  return {
    runId: io.runId,
    container: evidence.container,
    engine: { name: io.engine.name, id: info.id, version: info.version, environment: io.engine.environment },
    host: deps.host,
    version: deps.version,
    trigger: io.trigger,
    actor: io.actor,
    reason: request.reason,
    disposition: request.disposition,
    memory: request.memory,
    requestedAt: instant(evidence.requestedAt),
    frozenAt: instant(stopped.at),
    releasedAt: frozenTime === null ? null : instant(stopped.at + frozenTime),
    coverage: captured.coverage,
    seal,
    images: images.map(({ role, reference, digest }) => ({ role, reference, digest })),
    environment: before.Config.Env ?? [],
    alterations: [
      'pages that were not in memory may have been brought in by reading them',
      ...(captured.checkpoint === null
        ? []
        : [
            'CRIU ran code of its own in each process to dump it: a system call that was waiting, such as a sleep, may return early once it runs on',
          ]),
      ...(captured.imageId === null ? [] : ['the engine read its writable layer to commit it']),
      ...(stopped.inspect.State.Health === undefined ? [] : ['the engine calls a paused container with a healthcheck unhealthy']),
    ],
    notes,
    alert: request.alert,
  };
}
