import { join } from 'node:path';
import { instant } from '../../domain/clock.ts';
import type { EngineInfo } from '../../domain/engine.ts';
import { type CoverageItem, coverageOf, type EvidenceCase, type FreezeIo, type FreezeRequest, type Seal } from '../../domain/evidence.ts';
import type { Captured } from '../capture/capture.ts';
import { keepCheckpoint } from '../capture/checkpoint.ts';
import { checkpointAnnotations, checkpointMeta } from '../capture/meta.ts';
import { requireRoomFor } from '../capture/room.ts';
import type { CaseRecord } from '../case/manifest.ts';
import { sealCase } from '../case/seal.ts';
import type { CaseWriter } from '../case/writer.ts';
import { compareRunning } from '../compare-running.ts';
import type { FrozenContainer } from '../freeze/freeze-set.ts';
import type { FreezerDeps } from '../freezer-deps.ts';
import { refusalOf } from '../hold/frozen.ts';
import { checkpointImage } from '../oci/checkpoint-image.ts';
import { type Layout, openLayout } from '../oci/layout.ts';
import type { Descriptor } from '../oci/media.ts';
import { saveCommitted } from '../oci/save-committed.ts';
import { attachStatement, type DsseEnvelope } from '../oci/statement.ts';
import { isOrdinary } from '../ordinary.ts';
import { waiting } from '../publish.ts';

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
  /** With what could not be kept of what had been captured. */
  readonly coverage: readonly CoverageItem[];
  readonly notes: readonly string[];
}

interface Problem {
  readonly step: 'memory' | 'checkpoint' | 'disk';
  readonly reason: string;
}

interface Made {
  readonly images: Images;
  readonly problems: readonly Problem[];
  /** Sentences: what is still where it need not be. */
  readonly left: readonly string[];
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
  const [{ images, problems, left }, unknown] = await Promise.all([
    makeImages(work, layout, deps),
    compareRunning(one.before, captured.changes, { engine: io.engine, writer, clock, runId: io.runId, instance: store.instanceId }),
  ]);
  if (unknown !== null) notes.push(unknown);
  const coverage = captured.coverage.map((item) => lessened(item, problems));
  const whole = coverage.every(({ state }) => state !== 'missing' && state !== 'partial');
  notes.push(...left);
  deps.publisher.ahead(one.evidenceId, writer.folder, io.signal);
  const sealed = await sealCase(writer, recordOf(work, { images, coverage, notes }, deps), {
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
      coverage: coverageOf(coverage),
      seal: seal.state,
      ...(captured.imageId === null ? {} : { committedImage: captured.imageId }),
      ...(deps.registry == null ? {} : { push: waiting }),
    });
    one.change.close('done', work.outcome);
  });
  const published = await deps.publisher.publish(one.evidenceId, writer.folder, io.signal);
  store.evidence.update(one.evidenceId, { push: published.push });
  const evidence = store.evidence.get(one.evidenceId);
  if (evidence === null) throw new Error(`case ${one.evidenceId} is not in the database that it was written to`);
  return { evidence, coverage, notes: [...notes, ...published.notes] };
}

/** A step whose image could not be made: the bytes of CRIU's are lost with it, of the others the case has less than it should. */
function lessened(item: CoverageItem, problems: readonly Problem[]): CoverageItem {
  const problem = problems.find(({ step }) => step === item.step);
  if (problem === undefined || item.state === 'missing') return item;
  const reason = item.reason === null ? problem.reason : `${item.reason}; ${problem.reason}`;
  if (item.step === 'checkpoint') return { ...item, state: 'missing', reason, share: 0, bytes: 0 };
  return { ...item, state: 'partial', reason, share: item.share / 2 };
}

/** The committed file system, the archive of memory, and CRIU's own; each that fails is said and leaves the others. */
async function makeImages({ one, io, info, captured, writer }: Finishing, layout: Layout, deps: FreezerDeps): Promise<Made> {
  const images: Images = [{ role: 'original', reference: one.before.Config.Image, digest: one.before.Image, descriptor: null }];
  const problems: Problem[] = [];
  const left: string[] = [];
  const add = async (step: Problem['step'], what: string, role: 'filesystem' | 'checkpoint', make: () => Promise<Descriptor>) => {
    try {
      const descriptor = await make();
      images.push({
        role,
        reference: descriptor.annotations?.['org.opencontainers.image.ref.name'] ?? what,
        digest: descriptor.digest,
        descriptor,
      });
    } catch (error) {
      if (!isOrdinary(error)) throw error;
      problems.push({ step, reason: `${what} could not be kept as an image: ${error.message}` });
    }
  };
  const { imageId, checkpoint } = captured;
  // until the images are made, an end of this process costs nothing: the committed image stays on the engine
  const signal = new AbortController().signal;
  const archive = writer.written.get('checkpoint.tar');
  if (archive !== undefined) {
    await add('memory', 'the memory', 'checkpoint', () =>
      checkpointImage(
        layout,
        { name: 'checkpoint', path: join(writer.folder, 'checkpoint.tar'), ...archive },
        checkpointAnnotations(one.before, info, null),
      ),
    );
  }
  // the registry gets what is there while the rest is made
  deps.publisher.ahead(one.evidenceId, writer.folder, io.signal);
  if (imageId !== null)
    await add('disk', 'the file system', 'filesystem', async () => {
      await requireRoomFor((await io.engine.inspectImage(imageId)).Size, deps.root);
      return saveCommitted(io.engine, imageId, layout, { signal });
    });
  if (checkpoint !== null) {
    await add('checkpoint', 'the CRIU checkpoint', 'checkpoint', async () => {
      const path = join(writer.folder, 'criu.tar');
      const meta = checkpointMeta(one.before, instant(one.stopped.at), true);
      const written = await keepCheckpoint(checkpoint, path, meta);
      const kept = await refusalOf(() => io.engine.removeCheckpoint(one.before.Id, checkpoint.name));
      if (kept !== null) left.push(`CRIU's own files stay in ${checkpoint.folder}: ${kept.message}`);
      return checkpointImage(layout, { name: 'criu', path, ...written }, checkpointAnnotations(one.before, info, 'of the engine'));
    });
  }
  return { images, problems, left };
}

function recordOf(
  { one, request, io, info, captured, seal, frozenTime }: Finishing,
  { images, coverage, notes }: { readonly images: Images; readonly coverage: readonly CoverageItem[]; readonly notes: readonly string[] },
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
    coverage,
    seal,
    images: images.map(({ role, reference, digest }) => ({ role, reference, digest })),
    environment: before.Config.Env ?? [],
    alterations: [
      'pages that were not in memory may have been brought in by reading them',
      ...(captured.checkpoint === null
        ? []
        : [
            'CRIU ran code of its own in each process to dump it: a system call that was waiting, such as a sleep, may return early once it runs on',
            'CRIU made a folder in /tmp of the container and removed it again: its times changed, and the seal leaves them out',
          ]),
      ...(captured.imageId === null ? [] : ['the engine read its writable layer to commit it']),
      ...(stopped.inspect.State.Health === undefined ? [] : ['the engine calls a paused container with a healthcheck unhealthy']),
    ],
    notes,
    alert: request.alert,
  };
}
