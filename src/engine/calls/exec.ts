import type { Duplex } from 'node:stream';
import type { Clock } from '../../domain/clock.ts';
import type { ExecOptions, ExecResult } from '../../domain/engine/streams.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError } from '../../domain/errors.ts';
import type { Call } from '../call.ts';
import type { EngineClient } from '../client.ts';
import { frames } from '../frames.ts';
import { segment } from '../path.ts';
import { secretsOf } from './env.ts';

/** Default bytes of each stream that are kept. */
const usualBytes = 1024 * 1024;
/** ms: once the command has ended its stream should end; a child of it that holds the stream open must not hold us. */
const straggle = 2_000;

/**
 * Runs a command in a container. When the time is up, or the signal aborts, the stream is destroyed and the call fails; the command
 * itself goes on, since the engine has no way to end it.
 */
export function execution(client: EngineClient): Pick<Engine, 'exec' | 'inspectExec'> {
  return {
    exec(id, argv, options = {}) {
      const action = `run ${argv[0] ?? 'nothing'} in container ${client.names.of(id)}`;
      const call: Call = {
        method: 'POST',
        path: `/containers/${segment(id)}/exec`,
        action,
        object: id,
        secrets: secretsOf(options.env),
        patient: true,
      };
      return client.limited(call, options, (signal) => run(client, call, argv, options, signal));
    },
    async inspectExec(id, options) {
      try {
        const call: Call = { method: 'GET', path: `/exec/${segment(id)}/json`, action: `inspect exec ${id.slice(0, 12)}`, object: id };
        const { Running, ProcessConfig } = await client.json<RawExec>(call, options);
        return { running: Running === true, privileged: ProcessConfig?.privileged === true, user: ProcessConfig?.user ?? '' };
      } catch (error) {
        if (error instanceof EngineError && (error.code === 'not_found' || error.code === 'conflict')) return null;
        throw error;
      }
    },
  };
}

async function run(
  client: EngineClient,
  call: Call,
  argv: readonly string[],
  options: ExecOptions,
  signal: AbortSignal,
): Promise<ExecResult> {
  const { Id } = await client.json<{ Id: string }>({ ...call, body: bodyOf(argv, options) }, { signal });
  const stream = await client.upgrade({ ...call, path: `/exec/${segment(Id)}/start`, body: { Detach: false, Tty: false } }, { signal });
  const over = new AbortController();
  const destroy = () => stream.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  // Told by the reading side as well, which is where it is dealt with.
  stream.on('error', () => {});
  try {
    if (options.stdin !== undefined) stream.end(options.stdin);
    const ask = () => stateOf(client, { ...call, method: 'GET', path: `/exec/${segment(Id)}/json` }, signal);
    const output = collect(stream, options.maxBytes ?? usualBytes);
    const ended = output.ended.then(
      () => exitCode(client.clock, ask, signal),
      async (cause) => {
        if (signal.aborted) throw cause;
        // A command that ends without reading all of its stdin gets the connection reset.
        const state = options.stdin === undefined ? null : await ask();
        if (state?.Running === false) return state.ExitCode;
        throw client.lost(call, cause);
      },
    );
    const code = await Promise.race([ended, abandoned(client.clock, ask, over.signal)]);
    return { exitCode: code, ...output.kept() };
  } finally {
    over.abort();
    signal.removeEventListener('abort', destroy);
    stream.destroy();
  }
}

function bodyOf(argv: readonly string[], options: ExecOptions): Readonly<Record<string, unknown>> {
  return {
    AttachStdin: options.stdin !== undefined,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    Cmd: argv,
    ...(options.user === undefined ? {} : { User: options.user }),
    ...(options.env === undefined ? {} : { Env: options.env }),
    ...(options.workingDir === undefined ? {} : { WorkingDir: options.workingDir }),
  };
}

interface RawExec {
  readonly Running?: boolean;
  readonly ProcessConfig?: { readonly privileged?: boolean; readonly user?: string };
}

interface ExecState {
  readonly Running: boolean;
  readonly ExitCode: number | null;
}

/** Null when the engine does not know it any more: the container has ended or is gone. */
async function stateOf(client: EngineClient, call: Call, signal: AbortSignal): Promise<ExecState | null> {
  try {
    return await client.json<ExecState>(call, { signal });
  } catch (error) {
    if (error instanceof EngineError && (error.code === 'not_found' || error.code === 'conflict')) return null;
    throw error;
  }
}

/** The stream may end a moment before the engine has noted the exit code. */
async function exitCode(clock: Clock, ask: () => Promise<ExecState | null>, signal: AbortSignal): Promise<number | null> {
  for (let wait = 5; wait < straggle; wait *= 2) {
    const state = await ask();
    if (state?.Running !== true) return state?.ExitCode ?? null;
    await clock.sleep(wait, signal);
  }
  return null;
}

/** Resolves once the command has ended, and its stream still has not some time later. */
async function abandoned(clock: Clock, ask: () => Promise<ExecState | null>, over: AbortSignal): Promise<number | null> {
  for (;;) {
    await clock.sleep(straggle, over);
    const state = await ask();
    if (state?.Running === true) continue;
    await clock.sleep(straggle, over);
    return state?.ExitCode ?? null;
  }
}

/** Keeps the first `maxBytes` of each stream, and reads on, so that the command is not held up by a full pipe. */
function collect(stream: Duplex, maxBytes: number) {
  const kept = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const bytes = { stdout: 0, stderr: 0 };
  const read = async () => {
    for await (const { stream: name, data } of frames(stream)) {
      const room = maxBytes - bytes[name];
      if (room > 0) kept[name].push(data.subarray(0, room));
      bytes[name] += data.length;
    }
  };
  return {
    ended: read(),
    kept: () => ({
      stdout: Buffer.concat(kept.stdout).toString(),
      stderr: Buffer.concat(kept.stderr).toString(),
      truncated: Math.max(bytes.stdout, bytes.stderr) > maxBytes,
    }),
  };
}
