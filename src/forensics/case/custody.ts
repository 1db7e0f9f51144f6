import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, instant } from '../../domain/clock.ts';
import { FailedError } from '../../domain/errors.ts';
import type { Json } from '../../domain/journal.ts';
import { lockName, names, reserveName } from './case-path.ts';
import { type CustodyEntry, custodyLine, custodyOrigin, parseCustodyLine, signEntry } from './custody-entry.ts';
import type { Signer } from './keys.ts';
import { exclusively } from './lock.ts';
import { isFull, writeFailure } from './space.ts';

/** Who handles evidence, and from where. */
export interface Handler {
  readonly who: string;
  readonly host: string;
  readonly boot: string | null;
  /** IANA name. */
  readonly zone: string;
}

export interface CustodyOptions {
  readonly id: string;
  readonly signer: Signer;
  readonly clock: Pick<Clock, 'now'>;
  readonly handler: Handler;
}

export interface CustodyAct {
  readonly what: string;
  /** Never a secret. */
  readonly data?: Json;
  /** Someone else than the handler. */
  readonly who?: string;
}

export interface Custody {
  /**
   * Signed, chained to the one before, and on the disk when it returns; also while other processes add theirs.
   * @throws FailedError `custody_damaged` when the log's last entry cannot be read, `evidence_no_space`, `evidence_unwritable`.
   */
  add(act: CustodyAct): CustodyEntry;
}

/** The log of a case's handling, one JSON line an entry, in a folder that exists. */
export function openCustody(folder: string, { id, signer, clock, handler }: CustodyOptions): Custody {
  const path = join(folder, names.custody);
  const append = ({ what, data = null, who = handler.who }: CustodyAct) => {
    const file = openSync(path, 'a+', 0o600);
    try {
      const before = lastEntry(file, path);
      const where = { host: handler.host, boot: handler.boot };
      const entry = signEntry(
        {
          case: id,
          seq: (before?.seq ?? 0) + 1,
          at: instant(clock.now()),
          zone: handler.zone,
          who,
          what,
          where,
          data,
          prev: before?.hash ?? custodyOrigin,
        },
        signer,
      );
      writeLine(file, custodyLine(entry));
      fsyncSync(file);
      return entry;
    } finally {
      closeSync(file);
    }
  };
  const add = (act: CustodyAct) => exclusively(join(folder, lockName), () => append(act));
  return {
    add(act) {
      try {
        try {
          return add(act);
        } catch (error) {
          if (!isFull(error)) throw error;
          rmSync(join(folder, reserveName), { force: true });
          return add(act);
        }
      } catch (error) {
        throw writeFailure(error, folder, names.custody);
      }
    },
  };
}

/** Half a line is what a crash left of an entry that was never answered for: it is taken off. */
function lastEntry(file: number, path: string): CustodyEntry | null {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < bytes.length) ftruncateSync(file, end);
  if (end === 0) return null;
  const line = bytes.toString('utf8', bytes.lastIndexOf(0x0a, end - 2) + 1, end - 1);
  const entry = parseCustodyLine(line);
  if (entry === null) {
    throw new FailedError('custody_damaged', `the last entry of ${path} is not one: the log was changed`, {
      hint: 'pitwall evidence verify tells more',
    });
  }
  return entry;
}

function writeLine(file: number, line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}
