import { randomBytes } from 'node:crypto';
import { noRun, ownLabels } from '../container/own.ts';
import type { AttachedBytes, Engine } from '../domain/engine.ts';
import { EngineError, type ExitCode, FailedError, InvalidError } from '../domain/errors.ts';
import { labBody } from '../forensics/clone-spec.ts';
import type { Forensics } from '../forensics/service.ts';
import type { App } from './app.ts';

/** An open clone that everybody forgot is swept after this. */
const expiresMs = 12 * 3_600_000;

/** Starts the captured file system as a locked-down clone, with a shell or a command; the command's own exit code. Removed at the end. */
export async function openClone(
  reference: string,
  command: readonly string[],
  flags: { readonly restore?: boolean },
  forensics: Forensics,
  app: App,
): Promise<ExitCode> {
  const evidence = forensics.find(reference);
  if (evidence.committedImage === null) throw new FailedError('no_image', `${evidence.id} has no committed file system`);
  const engine = (await app.engines()).find(({ name }) => name === evidence.engine);
  if (engine === undefined) throw new InvalidError('unknown_engine', `engine ${evidence.engine} is not in the configuration`);
  if (flags.restore === true) return restoreClone(engine, evidence, app);
  const image = await engine.inspectImage(evidence.committedImage).catch((error: unknown) => {
    if (error instanceof EngineError && (error.code === 'image_gone' || error.code === 'not_found')) {
      throw new FailedError('no_image', `the image of ${evidence.id} is not on engine ${engine.name} any more`, {
        hint: `pitwall evidence export ${evidence.id} --out case.tar, and load its oci/ with skopeo or docker`,
      });
    }
    throw error;
  });
  const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true && command.length === 0;
  const store = await app.store();
  const labels = ownLabels({ runId: noRun, role: 'clone', instance: store.instanceId, expiresAt: app.clock.now() + expiresMs });
  const { id } = await engine.create(`pitwall-open-${randomBytes(4).toString('hex')}`, labBody(image, { labels, command, terminal }));
  try {
    const streams = await engine.attachBytes(id, { terminal });
    await engine.start(id);
    return (await converse(engine, id, streams, terminal)) as ExitCode;
  } finally {
    await engine.remove(id, { force: true, anonymousVolumes: true });
  }
}

/** Our terminal becomes the clone's, until it ends. */
async function converse(engine: Engine, id: string, streams: AttachedBytes, terminal: boolean): Promise<number> {
  const { stdin, stdout, stderr } = process;
  const onData = (data: Buffer) => streams.write(data);
  const onEnd = () => streams.close();
  const onResize = () => void engine.resize(id, stdout.columns, stdout.rows).catch(() => undefined);
  if (terminal) {
    stdin.setRawMode(true);
    onResize();
    stdout.on('resize', onResize);
  }
  stdin.on('data', onData);
  // a clone with a command and no terminal may read nothing: its end must not wait for ours
  if (terminal) stdin.on('end', onEnd);
  stdin.resume();
  try {
    for await (const { stream, data } of streams.output) (stream === 'stdout' ? stdout : stderr).write(data);
  } finally {
    stdin.off('data', onData);
    stdin.off('end', onEnd);
    stdout.off('resize', onResize);
    if (terminal) stdin.setRawMode(false);
    stdin.pause();
    stdin.unref?.();
  }
  return engine.wait(id);
}

async function restoreClone(_engine: Engine, evidence: { readonly id: string }, _app: App): Promise<ExitCode> {
  throw new FailedError('not_restorable', `${evidence.id} cannot be restored`);
}
