import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CreateBody } from '../domain/engine/containers.ts';
import type { AttachedBytes, LogLine } from '../domain/engine/streams.ts';
import type { Engine } from '../domain/engine.ts';
import { buildPath, helperMain } from './helper-files.ts';
import { nodePath } from './node-runtime.ts';
import { ownLabels } from './own.ts';

export interface HelperRequest {
  /** Reference of the helper image. */
  readonly image: string;
  readonly runId: string;
  /** The database's id. */
  readonly instance: string;
  /** What it is for, a word: `check`. */
  readonly role: string;
  /** A module of the helper image that exports `run` (see `helper-main.ts`), or a command in it. */
  readonly work: { readonly module: string; readonly args?: readonly string[] } | { readonly command: readonly string[] };
  /** ms from its start until it ends by itself. */
  readonly expiresMs: number;
  /** UTC ms. */
  readonly now: number;
  /** Id of the container whose network it shares, name service included. (Default: no network.) */
  readonly networkContainer?: string | undefined;
  /** Name of the network that it is in, with an address of its own. (Default: none.) */
  readonly network?: string | undefined;
  /** It shares the network of the engine's host. (Default: false.) */
  readonly hostNetwork?: boolean | undefined;
  /** Id of the container whose processes it sees. (Default: its own.) */
  readonly pidContainer?: string | undefined;
  /** Without `CAP_`. (Default: none.) */
  readonly capAdd?: readonly string[] | undefined;
  /** Beside `no-new-privileges`. (Default: none.) */
  readonly securityOpt?: readonly string[] | undefined;
  /** (Default: nobody; root when a capability is asked for, for only root gets those.) */
  readonly user?: string | undefined;
  readonly env?: readonly string[] | undefined;
  /** Its input ends, and with it a module that reads it, when Pitwall lets go of it or ends. (Default: false.) */
  readonly endsWithPitwall?: boolean | undefined;
  /** (Default: 128 MiB.) */
  readonly memoryBytes?: number | undefined;
  /** Processes and threads. (Default: 64.) */
  readonly pids?: number | undefined;
  /** A folder of the engine's host, or a volume, that it may write to. (Default: none.) */
  readonly mount?: HelperMount | undefined;
}

/** What is not there already is refused by the engine, and never made. */
export interface HelperMount {
  readonly type: 'bind' | 'volume';
  /** A path of the engine's host, or a volume's name. */
  readonly source: string;
  /** In the helper. */
  readonly target: string;
}

export interface Helper extends AsyncDisposable {
  readonly id: string;
  /** What it prints, a line each; ends when the helper ends or is stopped. To be read once. */
  readonly output: AsyncIterable<LogLine>;
  /** To its standard input. */
  write(text: string): void;
  /** Removed when this returns, also when called again. `graceSeconds` lets it end by itself on SIGTERM first. (Default: killed.) */
  stop(options?: { readonly graceSeconds?: number }): Promise<void>;
}

/** As `Helper`, for one that answers in bytes: the engine keeps none of them. */
export interface ByteHelper extends Omit<Helper, 'output' | 'write'> {
  /** As it comes; what is not read waits in the helper. To be read once. */
  readonly output: AttachedBytes['output'];
  write(bytes: string | Uint8Array): void;
}

/**
 * Starts a container of the helper image with the least that it needs: no capability but those asked for, nothing to write to, no new
 * privileges, limits, never restarted. It stays after its end, for its exit code, until `stop` or a sweep.
 */
export function startHelper(engine: Engine, request: HelperRequest): Promise<Helper> {
  // Not the engine's default, which may send what helpers print to somewhere.
  const kept = { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '1' } };
  return start(engine, request, kept, (id) => engine.attach(id));
}

export function startByteHelper(engine: Engine, request: HelperRequest): Promise<ByteHelper> {
  return start(engine, request, { Type: 'none', Config: {} }, (id) => engine.attachBytes(id));
}

interface Streams<O, W> {
  readonly output: O;
  write(input: W): void;
  close(): void;
}

async function start<O, W>(
  engine: Engine,
  request: HelperRequest,
  logs: object,
  attach: (id: string) => Promise<Streams<O, W>>,
): Promise<Streams<O, W> & Omit<Helper, 'output' | 'write'>> {
  // A name for people; nothing depends on it, so it need not be repeatable.
  const name = `pitwall-${request.role}-${randomBytes(4).toString('hex')}`;
  // Without a signal: a creation that is cut off may have happened, and then nobody knows its id.
  const { id } = await engine.create(name, bodyOf(request, logs));
  try {
    const streams = await attach(id);
    await engine.start(id).catch((error: unknown) => {
      streams.close();
      throw error;
    });
    const stop: Helper['stop'] = async ({ graceSeconds } = {}) => {
      if (graceSeconds !== undefined) {
        await engine.stop(id, { graceSeconds });
        // what it said last may be there unread
        await nextTurn();
      }
      streams.close();
      await engine.remove(id, { force: true, anonymousVolumes: true });
    };
    return { ...streams, id, stop, [Symbol.asyncDispose]: () => stop() };
  } catch (error) {
    // The first error is the one to tell; what cannot be removed now is the sweep's.
    await engine.remove(id, { force: true, anonymousVolumes: true }).catch(() => undefined);
    throw error;
  }
}

function bodyOf(request: HelperRequest, logs: object): CreateBody {
  const { networkContainer, network = 'none', hostNetwork = false, pidContainer, capAdd = [], memoryBytes = 128 * 1024 * 1024 } = request;
  return {
    Image: request.image,
    Entrypoint: [nodePath, `${buildPath}/${helperMain}`],
    Cmd: commandOf(request),
    User: request.user ?? (capAdd.length > 0 ? '0:0' : '65534:65534'),
    Env: request.env ?? [],
    Labels: ownLabels({ ...request, expiresAt: request.now + request.expiresMs }),
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: true,
    StdinOnce: request.endsWithPitwall ?? false,
    HostConfig: {
      NetworkMode: hostNetwork ? 'host' : networkContainer === undefined ? network : `container:${networkContainer}`,
      PidMode: pidContainer === undefined ? '' : `container:${pidContainer}`,
      IpcMode: 'none',
      CapDrop: ['ALL'],
      CapAdd: capAdd,
      SecurityOpt: ['no-new-privileges', ...(request.securityOpt ?? [])],
      ReadonlyRootfs: true,
      Memory: memoryBytes,
      PidsLimit: request.pids ?? 64,
      RestartPolicy: { Name: 'no' },
      AutoRemove: false,
      LogConfig: logs,
      ...(request.mount === undefined ? {} : { Mounts: [mountOf(request.mount)] }),
    },
  };
}

function mountOf({ type, source, target }: HelperMount): object {
  // an empty volume would be filled from the image
  return { Type: type, Source: source, Target: target, ...(type === 'volume' ? { VolumeOptions: { NoCopy: true } } : {}) };
}

function commandOf({ work, expiresMs }: HelperRequest): string[] {
  const time = String(Math.ceil(expiresMs));
  return 'module' in work ? [time, 'module', work.module, ...(work.args ?? [])] : [time, 'command', ...work.command];
}
