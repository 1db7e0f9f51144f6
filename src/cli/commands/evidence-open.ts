import { randomBytes } from 'node:crypto';
import { noRun, ownLabels } from '../../container/own.ts';
import type { AttachedBytes } from '../../domain/engine/streams.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError, type ExitCode, exitCodes, FailedError, InvalidError } from '../../domain/errors.ts';
import { labBody } from '../../forensics/clone-spec.ts';
import { restoreClone } from '../../forensics/restore-clone.ts';
import type { Forensics } from '../../forensics/service.ts';
import type { App } from '../app.ts';
import { onSignals } from '../signals.ts';

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
  const store = await app.store();
  const labels = ownLabels({ runId: noRun, role: 'clone', instance: store.instanceId, expiresAt: app.clock.now() + expiresMs });
  const name = `pitwall-open-${randomBytes(4).toString('hex')}`;
  if (flags.restore === true) {
    const options = { folder: forensics.folder(evidence.id), image: evidence.committedImage, name, labels, clock: app.clock };
    return goOn(engine, await restoreClone(engine, options), command, app);
  }
  const image = await engine.inspectImage(evidence.committedImage).catch((error: unknown) => {
    if (error instanceof EngineError && (error.code === 'image_gone' || error.code === 'not_found')) {
      throw new FailedError('no_image', `the image of ${evidence.id} is not on engine ${engine.name} any more`, {
        hint: `pitwall evidence export ${evidence.id} --out case.tar, unpack it, and bring its oci/ to an engine with skopeo copy or through a registry`,
      });
    }
    throw error;
  });
  const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true && command.length === 0;
  using signals = onSignals((text) => app.out.progress(text));
  const { id } = await engine.create(name, labBody(image, { labels, command, terminal }));
  try {
    const streams = await engine.attachBytes(id, { terminal, signal: signals.signal });
    await engine.start(id);
    await converse(engine, id, streams, terminal, signals.signal);
    return signals.signal.aborted ? exitCodes.refused : ((await engine.wait(id)) as ExitCode);
  } finally {
    await engine.remove(id, { force: true, anonymousVolumes: true });
  }
}

/** Our terminal becomes the clone's, until it ends. */
async function converse(engine: Engine, id: string, streams: AttachedBytes, terminal: boolean, signal: AbortSignal): Promise<void> {
  const { stdin, stdout, stderr } = process;
  const onData = (data: Buffer) => streams.write(data);
  const onEnd = () => streams.end();
  const onResize = () => void engine.resize(id, stdout.columns, stdout.rows).catch(() => undefined);
  if (terminal) {
    stdin.setRawMode(true);
    onResize();
    stdout.on('resize', onResize);
  }
  stdin.on('data', onData);
  stdin.on('end', onEnd);
  stdin.resume();
  try {
    for await (const { stream, data } of streams.output) (stream === 'stdout' ? stdout : stderr).write(data);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stdin.off('data', onData);
    stdin.off('end', onEnd);
    stdout.off('resize', onResize);
    if (terminal) stdin.setRawMode(false);
    stdin.pause();
    stdin.unref?.();
  }
}

/** What was frozen runs on, cut off from everything: a command is run in it, or its output is shown until it ends or Ctrl-C. */
async function goOn(engine: Engine, id: string, command: readonly string[], app: App): Promise<ExitCode> {
  const { out } = app;
  using signals = onSignals((text) => out.progress(text));
  try {
    if (command.length > 0) {
      const { exitCode, stdout, stderr } = await engine.exec(id, command, { signal: signals.signal });
      process.stdout.write(stdout);
      process.stderr.write(stderr);
      return (exitCode ?? exitCodes.failed) as ExitCode;
    }
    out.progress('it goes on from the frozen instant, with no network; Ctrl-C removes it');
    for await (const { line } of engine.logs(id, { follow: true, signal: signals.signal })) out.line(line);
    return exitCodes.ok;
  } finally {
    await engine.remove(id, { force: true, anonymousVolumes: true });
  }
}
