import { busyboxPath } from '../../container/busybox.ts';
import { startHelper } from '../../container/helper-container.ts';
import { EngineError, InconclusiveError } from '../../domain/errors.ts';
import type { Context } from './context.ts';
import { firstScript, killScript, orphanScript } from './scripts.ts';

/** The first process of a container, as the kernel tells it. */
export interface FirstProcess {
  /** At most 15 characters, without its arguments: those may hold a secret. */
  readonly name: string;
  /** Numbers of the signals that it has handlers for. */
  readonly catches: ReadonlySet<number>;
}

export type Orphan =
  | { readonly adopted: false; readonly parent: string }
  | { readonly adopted: true; readonly end: 'reaped' | 'zombie' | 'unknown' };

const lifeMs = 60_000;
const waitMs = 30_000;

/** Throws `InconclusiveError` when it could not be read. */
export async function firstProcess(id: string, context: Context): Promise<FirstProcess> {
  const { lines, stderr } = await inside(id, firstScript, [], context);
  const field = (name: string) =>
    lines
      .find((line) => line.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  const [name, mask] = [field('Name'), field('SigCgt')];
  if (name === undefined || mask === undefined) throw new InconclusiveError('inside', `its first process could not be read: ${stderr}`);
  const bits = BigInt(`0x${mask}`);
  const catches = Array.from({ length: 64 }, (_, at) => at + 1).filter((signal) => (bits >> BigInt(signal - 1)) & 1n);
  return { name, catches: new Set(catches) };
}

/** Makes an orphan among the processes of a container, and looks what becomes of it. Throws `InconclusiveError` when there was none to be seen. */
export async function plantOrphan(id: string, context: Context): Promise<Orphan> {
  const { lines, stderr } = await inside(id, orphanScript, [], context);
  const parent = lines.find((line) => line.startsWith('parent '))?.slice('parent '.length);
  if (parent === undefined || parent === '') throw new InconclusiveError('inside', `no orphan could be made: ${stderr || lines.join(' ')}`);
  if (parent !== '1') return { adopted: false, parent };
  const end = lines.at(-1);
  return { adopted: true, end: end === 'reaped' || end === 'zombie' ? end : 'unknown' };
}

/**
 * Ends the first process of a container as `kill -9` does; only of one that has processes of its own, by what the engine says and again by what
 * the kernel says. What it says about it; whether it died is for the caller to see. */
export async function killFirst(id: string, context: Context): Promise<string> {
  const { HostConfig } = await context.engine.inspect(id);
  if (HostConfig.PidMode !== '') throw new InconclusiveError('inside', `its processes are not its own (PidMode ${HostConfig.PidMode})`);
  const { lines, stderr } = await inside(id, killScript, ['SYS_BOOT'], context);
  return [...lines, stderr].filter((line) => line !== '').join('; ');
}

/** Runs a script of the helper image's busybox among the processes of a container, in none of its files: it works where there is no shell. */
async function inside(
  id: string,
  script: string,
  capAdd: readonly string[],
  context: Context,
): Promise<{ readonly lines: readonly string[]; readonly stderr: string }> {
  const { engine, runId, instance, clock, signal } = context;
  const image = (await context.helperImage()).reference;
  signal.throwIfAborted();
  const helper = await startHelper(engine, {
    image,
    runId,
    instance,
    role: 'lifecycle',
    work: { command: [busyboxPath, 'sh', '-c', `B=${busyboxPath}\n${script}`] },
    expiresMs: lifeMs,
    now: clock.now(),
    pidContainer: id,
    capAdd,
  });
  try {
    const lines: string[] = [];
    const errors: string[] = [];
    const read = (async () => {
      for await (const { stream, line } of helper.output) (stream === 'stdout' ? lines : errors).push(line.trim());
    })();
    const exitCode = await engine.wait(helper.id, { timeoutMs: waitMs, signal });
    await read;
    const stderr = errors.join('; ').slice(0, 300);
    if (exitCode === 127 && stderr.startsWith('cannot run'))
      throw new InconclusiveError('no_busybox', 'the helper image has no static busybox (install busybox-static where Pitwall runs)', {
        hint: 'install busybox-static, or the like, where Pitwall runs: the helper image is then made again with it',
      });
    return { lines, stderr };
  } catch (error) {
    if (error instanceof EngineError && !error.lost && error.context.timedOut === true)
      throw new InconclusiveError('inside', 'the helper among its processes gave no answer', { cause: error });
    throw error;
  } finally {
    await helper.stop();
  }
}
