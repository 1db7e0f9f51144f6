import type { CallOptions } from './call.ts';

/** What is said to a container’s processes, and what they say. */
export interface StreamCalls {
  /** When it fails late or is aborted the command goes on in the container: the engine has no way to end it. */
  exec(id: string, argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Of an exec that a container names in `ExecIDs`; null when the engine has forgotten it. */
  inspectExec(id: string, options?: CallOptions): Promise<ExecInspect | null>;
  /** For a container without a terminal. Attach before `start`, or what it says first is missed. */
  attach(id: string, options?: CallOptions): Promise<AttachedStreams>;
  /** `attach` for output that is not text; `terminal`: the container has one. */
  attachBytes(id: string, options?: CallOptions & { readonly terminal?: boolean }): Promise<AttachedBytes>;
  /** Tells a container's terminal how large it is. */
  resize(id: string, columns: number, rows: number, options?: CallOptions): Promise<void>;
  /** Ends by itself unless `follow`; then with the container or on the signal. `since` is UTC ms. */
  logs(
    id: string,
    options?: { readonly follow?: boolean; readonly tail?: number; readonly since?: number; readonly signal?: AbortSignal },
  ): AsyncIterable<LogLine>;
}

export interface ExecOptions extends CallOptions {
  readonly user?: string | undefined;
  readonly env?: readonly string[] | undefined;
  readonly workingDir?: string | undefined;
  readonly stdin?: string | undefined;
  /** Default 1 MiB for each stream. */
  readonly maxBytes?: number | undefined;
}

export interface ExecResult {
  /** Null when the engine did not say. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Output went beyond `maxBytes` and was cut. */
  readonly truncated: boolean;
}

export interface ExecInspect {
  readonly running: boolean;
  readonly privileged: boolean;
  readonly user: string;
}

export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  readonly at: string | null;
  readonly line: string;
}

/** A container's own standard streams, as they come from the moment of attaching. */
export interface AttachedStreams {
  /** Ends when the container ends, on `close` and on the signal. To be read once. */
  readonly output: AsyncIterable<LogLine>;
  write(text: string): void;
  /** Lets go; a container made with `StdinOnce` then sees the end of its input. */
  close(): void;
}

/** As `AttachedStreams`, with its bytes as they come. */
export interface AttachedBytes {
  readonly output: AsyncIterable<{ readonly stream: 'stdout' | 'stderr'; readonly data: Buffer }>;
  write(bytes: string | Uint8Array): void;
  /** No more input; the output goes on. */
  end(): void;
  close(): void;
}
