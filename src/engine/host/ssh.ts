import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import type { Address } from './address.ts';

/**
 * A connection to the engine of another machine, by the user's own `ssh`: their configuration, agent, keys and known_hosts hold, as
 * they do for Docker's client, which does the same. The host's key is checked by ssh: BatchMode refuses one that is not known.
 */
export function connectSsh(address: Extract<Address, { kind: 'ssh' }>, env: NodeJS.ProcessEnv): Duplex {
  // In a group of its own: a Ctrl-C on the terminal is ours to answer, and what it makes us undo needs the connection.
  const child = spawn('ssh', sshArguments(address), { env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  return new SshStream(child);
}

export function sshArguments(address: Extract<Address, { kind: 'ssh' }>): string[] {
  return [
    '-T',
    ...['BatchMode=yes', 'ConnectTimeout=15', 'ServerAliveInterval=15', 'ServerAliveCountMax=3'].flatMap((option) => ['-o', option]),
    ...(address.user === null ? [] : ['-l', address.user]),
    ...(address.port === null ? [] : ['-p', String(address.port)]),
    '--',
    address.host,
    'docker',
    'system',
    'dial-stdio',
  ];
}

/** A child's two pipes as one socket, with what Node's HTTP agent asks of one. */
class SshStream extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams;
  #complaint = '';

  constructor(child: ChildProcessWithoutNullStreams) {
    super();
    this.#child = child;
    child.stdout.on('data', (chunk) => this.push(chunk) || child.stdout.pause());
    // Its pipes break before ssh has said why, so only its end ends us.
    child.stdin.on('error', () => {});
    child.stderr.on('data', (chunk) => {
      this.#complaint = `${this.#complaint}${chunk}`.slice(-1000);
    });
    child.on('error', (error) => this.destroy(failure(`ssh cannot be started: ${error.message}`)));
    child.on('close', (code) => {
      if (code === 0) this.push(null);
      else this.destroy(failure(this.#complaint.trim().replace(/\s+/g, ' ') || `ssh ended with ${code}`));
    });
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.#child.stdin.write(chunk, () => callback());
  }

  override _final(callback: () => void): void {
    this.#child.stdin.end(callback);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#child.kill();
    callback(error);
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this.#each('ref');
  }

  /** An idle connection must not keep the process. */
  unref(): this {
    return this.#each('unref');
  }

  #each(verb: 'ref' | 'unref'): this {
    this.#child[verb]();
    for (const pipe of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) {
      const method: unknown = Reflect.get(pipe, verb);
      if (typeof method === 'function') method.call(pipe);
    }
    return this;
  }
}

function failure(message: string): Error {
  return Object.assign(new Error(message), { code: 'ESSH' });
}
