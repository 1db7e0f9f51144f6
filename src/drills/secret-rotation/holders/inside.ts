import { startByteHelper } from '../../../container/helper-container.ts';
import { plainName } from '../../../container/names.ts';
import type { ContainerInspect } from '../../../domain/engine/containers.ts';
import { FailedError } from '../../../domain/errors.ts';
import { readableHere } from '../../../forensics/collect/local.ts';
import { untilAborted } from '../../../forensics/collect/remote.ts';
import type { SearchScope } from './contract.ts';
import { type InsideFiles, readInside } from './read-inside.ts';

export interface InsideOptions {
  /** (Default: `proc` where the container's processes are this host's and may be read, otherwise `helper`.) */
  readonly force?: 'helper' | undefined;
}

/** ms */
const helperLives = 30_000;
const mostBytes = 96 << 20;

/**
 * Files of a running container as its own processes see them: what is in memory, a single file mounted that was replaced on the host since. From this process,
 * or from a helper in the container's PID namespace.
 *
 * @throws FailedError `not_read` when the helper does not answer; the signal's reason.
 */
export async function insideOf(
  scope: SearchScope,
  container: ContainerInspect,
  paths: readonly string[],
  signal: AbortSignal,
  { force }: InsideOptions = {},
): Promise<InsideFiles> {
  const request = { containerId: container.Id, paths };
  if (force !== 'helper' && readableHere(container)) return readInside(request);
  const { reference: image } = await untilAborted(scope.helperImage(), signal);
  const { AppArmorProfile: profile = '' } = container as { readonly AppArmorProfile?: string };
  const helper = await startByteHelper(scope.engine, {
    image,
    runId: scope.runId,
    instance: scope.instance,
    now: scope.clock.now(),
    role: 'read',
    work: { module: 'drills/secret-rotation/holders/inside-agent.js' },
    expiresMs: helperLives,
    pidContainer: container.Id,
    capAdd: ['SYS_PTRACE', 'DAC_READ_SEARCH', 'FOWNER'],
    // the engine's own profile lets processes be read that are under it, and no others
    securityOpt: profile === '' || profile === 'docker-default' ? [] : ['apparmor=unconfined'],
    endsWithPitwall: true,
    memoryBytes: 256 << 20,
  });
  try {
    helper.write(`${JSON.stringify(request)}\n`);
    return await untilAborted(answerOf(helper.output, plainName(container.Name)), signal);
  } finally {
    await helper.stop();
  }
}

/** Its complaints are not passed on: what a container says may be anything. */
async function answerOf(output: AsyncIterable<{ readonly stream: string; readonly data: Buffer }>, name: string): Promise<InsideFiles> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const { stream, data } of output) {
    if (stream !== 'stdout') continue;
    bytes += data.length;
    if (bytes > mostBytes) break;
    chunks.push(data);
    if (data.at(-1) === newLine) return parsed(Buffer.concat(chunks), name);
  }
  throw noAnswer(name);
}

/** What a parser complains of quotes what it read. */
function parsed(line: Buffer, name: string): InsideFiles {
  try {
    return JSON.parse(line.toString()) as InsideFiles;
  } catch {
    throw noAnswer(name);
  }
}

function noAnswer(name: string): FailedError {
  return new FailedError('not_read', `the helper that reads the files of ${name} gave no answer`);
}

const newLine = 10;
