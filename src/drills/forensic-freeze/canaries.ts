import { createHash, randomBytes, randomInt } from 'node:crypto';
import type { CanaryKind } from './params.ts';

/** What is planted, and how it is known again. Nothing of it is a secret of anybody's: it is random, and the run's own. */
export interface Canaries {
  readonly kinds: readonly CanaryKind[];
  /** In the names of files and in the argv of every process that is planted, and in nobody else's. */
  readonly token: string;
  /** Fed by standard input to a process that keeps it: never in argv, environment or file. */
  readonly secret: string;
  readonly tmpfs: string;
  readonly deleted: string;
  readonly port: number;
}

/** A set, or its control: one of the same shape that is never planted, so that a search which finds everything is found out. */
export function newCanaries(kinds: readonly CanaryKind[], except: readonly number[] = []): Canaries {
  const hex = () => randomBytes(32).toString('hex');
  let port = 0;
  // above what kernels hand out by themselves (32768–60999 by default)
  do port = randomInt(61_000, 65_536);
  while (except.includes(port));
  return { kinds, token: `pwc${randomBytes(6).toString('hex')}`, secret: hex(), tmpfs: hex(), deleted: hex(), port };
}

/** The marker that the process canary has among its arguments. */
export function marker(token: string, what: 'process' | 'memory' | 'ready'): string {
  return `${token}-${what}`;
}

/** What the changed binary is: the tool with the token behind it. Programs run with more bytes at their end. */
export function changedBinary(tool: Buffer, token: string): { readonly content: Buffer; readonly sha256: string } {
  const content = Buffer.concat([tool, Buffer.from(token)]);
  return { content, sha256: createHash('sha256').update(content).digest('hex') };
}
