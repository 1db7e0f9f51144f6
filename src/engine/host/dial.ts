import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { EngineError } from '../../domain/errors.ts';
import type { Address, TlsFiles } from './address.ts';
import { openSockets } from './agent.ts';
import { connectSsh } from './ssh.ts';

export interface Dialled {
  readonly method: string;
  /** With the version prefix, without a query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Sent as it comes, in place of `body`. */
  readonly upload?: NodeJS.ReadableStream | undefined;
  /** Ask for a raw two-way stream. */
  readonly upgrade: boolean;
}

export interface Dialer {
  /** Resolves with the head of the answer, whatever its status, or with the raw stream. Aborting destroys the socket. */
  dial(request: Dialled, signal: AbortSignal): Promise<{ readonly response: IncomingMessage } | { readonly stream: Duplex }>;
  close(): void;
}

interface ModemRequest {
  path: string;
  method: string;
  options: { _query: object; _body: unknown };
  statusCodes: Record<number, boolean>;
  isStream: boolean;
  hijack: boolean;
  abortSignal: AbortSignal;
  file?: NodeJS.ReadableStream;
}

/** The part of docker-modem that is used. */
interface Modem {
  dial(request: ModemRequest, callback: (error: Error | null, result: unknown) => void): void;
}

/**
 * dockerode's modem, with sockets of our own. It is loaded here and not above: it pulls in ssh2 and gRPC, and most commands end
 * sooner than that takes. Of its parts only `dial` is used, as a stream: its own reading of answers never ends when one is cut.
 */
export async function openDialer(address: Address, env: NodeJS.ProcessEnv, onAllClosed: () => void): Promise<Dialer> {
  const [{ default: Docker }, tls] = await Promise.all([import('dockerode'), readTls(address.kind === 'tcp' ? address.tls : null)]);
  const sockets = openSockets(
    { ...tls, secure: tls !== null, connect: address.kind === 'ssh' ? () => connectSsh(address, env) : undefined },
    onAllClosed,
  );
  const modem = modemOf(Docker, { ...target(address), protocol: tls === null ? 'http' : 'https', agent: sockets.agent });
  return {
    dial(request, signal) {
      return new Promise((resolve, reject) => {
        modem.dial(
          {
            // The question mark is what makes the modem add the query.
            path: Object.keys(request.query).length === 0 ? request.path : `${request.path}?`,
            method: request.method,
            // Without a body the modem would send the options, query included.
            options: { _query: request.query, _body: request.body ?? {} },
            statusCodes: anyStatus,
            isStream: true,
            hijack: request.upgrade,
            abortSignal: signal,
            ...(request.upload === undefined ? {} : { file: request.upload }),
          },
          (error, result) => {
            if (error !== null) return reject(error);
            if (isResponse(result)) resolve({ response: result });
            else resolve({ stream: result as Duplex });
          },
        );
      });
    },
    close: () => sockets.destroy(),
  };
}

/** Every key is given, also the empty ones: those left out the modem takes from the process's own DOCKER_HOST. */
const unset = {
  ca: undefined,
  cert: undefined,
  key: undefined,
  username: undefined,
  timeout: undefined,
  version: undefined,
  pathPrefix: '/',
} as const;

/** It reads DOCKER_HOST and DOCKER_CERT_PATH even so, and stumbles over wrong ones. */
function modemOf(Docker: new (options: object) => { modem: unknown }, settings: object): Modem {
  try {
    return new Docker({ ...unset, ...settings }).modem as Modem;
  } catch (cause) {
    throw new EngineError(
      'engine_refused',
      `the environment's DOCKER_HOST or DOCKER_CERT_PATH is wrong: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        hint: 'correct them, or unset them when the engines are listed in pitwall.yaml',
        cause,
      },
    );
  }
}

/** The modem turns a status that it is not told of into an error without the answer; we read every answer. */
const anyStatus = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [index + 100, true]));

function target(address: Address): { host: string | undefined; port: number | undefined; socketPath: string | undefined } {
  switch (address.kind) {
    case 'unix':
      return { host: undefined, port: undefined, socketPath: address.path };
    case 'tcp':
      return { host: address.host.includes(':') ? `[${address.host}]` : address.host, port: address.port, socketPath: undefined };
    case 'ssh':
      return { host: 'docker.invalid', port: 80, socketPath: undefined };
  }
}

async function readTls(files: TlsFiles | null): Promise<{ ca?: Buffer; cert?: Buffer; key?: Buffer } | null> {
  if (files === null) return null;
  const given = Object.entries(files).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(await Promise.all(given.map(async ([name, path]) => [name, await readPem(name, path)] as const)));
}

async function readPem(name: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new EngineError('engine_refused', `tls.${name}: cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      hint: 'give the path of a PEM file that this user may read',
      cause,
    });
  }
}

function isResponse(result: unknown): result is IncomingMessage {
  return typeof result === 'object' && result !== null && 'statusCode' in result && 'headers' in result;
}
