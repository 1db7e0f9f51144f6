import { createHash, type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../access/canonical.ts';
import type { Json } from '../../domain/journal.ts';
import type { Signer } from './keys.ts';

/** One handling of the evidence: what NIST SP 800-61 (3.3.2) asks of an evidence log. */
export interface CustodyEntry {
  /** The case: an entry cannot be moved to another one's log. */
  readonly case: string;
  /** From 1 on. */
  readonly seq: number;
  /** UTC, RFC 3339, to the millisecond. */
  readonly at: string;
  /** The host's time zone, by its IANA name. */
  readonly zone: string;
  readonly who: string;
  /** `frozen`, `captured memory`, `sealed`, `pushed`, `exported`, `verified`, `opened`, `released`, … */
  readonly what: string;
  readonly where: { readonly host: string; readonly boot: string | null };
  readonly data: Json;
  /** The hash of the entry before; 64 zeros for the first. */
  readonly prev: string;
  /** SHA-256, hexadecimal, of a first line and the entry as canonical JSON without `hash`, `keyid` and `sig`. */
  readonly hash: string;
  /** The key that signed it. */
  readonly keyid: string;
  /** Ed25519 over the hash's 64 letters, base64. */
  readonly sig: string;
}

export const custodyOrigin = '0'.repeat(64);

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const shape = z.strictObject({
  case: z.string(),
  seq: z.number().int().positive(),
  at: z.iso.datetime(),
  zone: z.string(),
  who: z.string(),
  what: z.string(),
  where: z.strictObject({ host: z.string(), boot: z.string().nullable() }),
  data: z.json(),
  prev: hex,
  hash: hex,
  keyid: hex,
  sig: z.string(),
});

export function signEntry(entry: Omit<CustodyEntry, 'hash' | 'keyid' | 'sig'>, signer: Signer): CustodyEntry {
  const hash = hashOf(entry);
  return { ...entry, hash, keyid: signer.keyid, sig: signer.sign(Buffer.from(hash)).toString('base64') };
}

/** One line, without its end. */
export function custodyLine(entry: CustodyEntry): string {
  return canonicalJson({ ...entry });
}

/** Null when it is not an entry, or not written as we write one. */
export function parseCustodyLine(line: string): CustodyEntry | null {
  try {
    const entry = shape.parse(JSON.parse(line)) as CustodyEntry;
    return custodyLine(entry) === line ? entry : null;
  } catch {
    return null;
  }
}

/** What is wrong with an entry by itself and behind the one before it, or null. */
export function entryProblem(entry: CustodyEntry, before: CustodyEntry | null, key: { key: KeyObject; keyid: string }): string | null {
  if (entry.seq !== (before?.seq ?? 0) + 1) return `entry ${(before?.seq ?? 0) + 1} is missing`;
  if (entry.prev !== (before?.hash ?? custodyOrigin)) return `entry ${entry.seq} does not follow the one before it`;
  if (before !== null && entry.case !== before.case) return `entry ${entry.seq} is of another case`;
  const { hash, keyid, sig, ...said } = entry;
  if (hashOf(said) !== hash) return `entry ${entry.seq} is not what was written`;
  if (keyid !== key.keyid) return `entry ${entry.seq} is signed with another key`;
  const signature = Buffer.from(sig, 'base64');
  if (signature.toString('base64') !== sig || !verify(null, Buffer.from(hash), key.key, signature)) {
    return `the signature of entry ${entry.seq} does not hold`;
  }
  return null;
}

function hashOf(entry: Omit<CustodyEntry, 'hash' | 'keyid' | 'sig'>): string {
  return createHash('sha256')
    .update(`pitwall custody 1\n${canonicalJson({ ...entry })}`)
    .digest('hex');
}
