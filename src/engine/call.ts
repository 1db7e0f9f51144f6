import type { CallOptions } from '../domain/engine/call.ts';

/** ms, for calls that only ask */
const askTimeout = 15_000;
/** ms, for calls that change something */
const actTimeout = 60_000;

export interface Call {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Without version. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** A tar, sent as it comes in place of `body`. */
  readonly upload?: NodeJS.ReadableStream;
  /** A verb with its object, for messages: `start container web`. */
  readonly action: string;
  readonly object?: string;
  /** Changes something. (Default: every method but GET and HEAD.) */
  readonly acts?: boolean;
  /** Statuses from 300 on that are no error here. */
  readonly accept?: readonly number[];
  /** Texts that the engine may repeat in its answer and that must not be shown. */
  readonly secrets?: readonly string[];
  /** Lasts as long as the container takes, so being late does not mean that the engine is lost. */
  readonly patient?: boolean;
  /** Asked when the time is up: how many more ms to allow. */
  readonly extend?: () => Promise<number>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export function acts(call: Call): boolean {
  return call.acts ?? (call.method !== 'GET' && call.method !== 'HEAD');
}

export function timeoutOf(call: Call, options: CallOptions): number {
  return options.timeoutMs ?? (acts(call) ? actTimeout : askTimeout);
}

export function queryOf(call: Call): Record<string, string> {
  const given = Object.entries(call.query ?? {}).filter((entry) => entry[1] !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}
