import { readFile, stat } from 'node:fs/promises';
import { InvalidError } from '../../../domain/errors.ts';
import { publicKeyOf } from '../keys.ts';
import { verifyFolder } from './folder.ts';
import { collectProblems, type Problem } from './problems.ts';
import { verifyTar } from './tar.ts';

export interface Verification {
  readonly ok: boolean;
  readonly problems: readonly Problem[];
  /** Files that were compared, and their bytes. */
  readonly checked: number;
  readonly bytes: number;
  /** Null: it could not be read. */
  readonly case: string | null;
  readonly sealedAt: string | null;
  readonly custodyEntries: number;
  /** `included`: the key that came with the evidence. */
  readonly signedBy: { readonly keyid: string; readonly key: 'given' | 'included' } | null;
  /** What the answer is worth, where that must be said. */
  readonly note: string | null;
}

export interface VerifyOptions {
  /** A public key: PEM, or the path of a file with it. For a case of this machine that of its home. */
  readonly key?: string | undefined;
}

/**
 * Checks a case in its folder, or an export of one, offline: signature, custody, every hash, nothing missing and nothing added, and of an
 * export every other byte.
 * @throws InvalidError `evidence_unreadable` when there is neither folder nor file, `evidence_key` when the given key is none.
 */
export async function verifyCase(target: string, { key }: VerifyOptions = {}): Promise<Verification> {
  const given = key === undefined ? null : publicKeyOf(key.includes('-----BEGIN') ? key : await readKey(key));
  const stats = await stat(target).catch((error: unknown) => {
    throw unreadable(target, error);
  });
  const problems = collectProblems();
  const result = await (stats.isDirectory() ? verifyFolder : verifyTar)(target, given, problems);
  const ok = problems.list.length === 0 && result !== null;
  const note = 'checked with the key that came with the evidence: whoever could replace the evidence could replace it too';
  return {
    ok,
    problems: problems.list,
    checked: result?.checked ?? 0,
    bytes: result?.bytes ?? 0,
    case: result?.words.statement.case ?? null,
    sealedAt: result?.words.statement.sealedAt ?? null,
    custodyEntries: result?.words.entries.length ?? 0,
    signedBy: result === null ? null : { keyid: result.words.keyid, key: given === null ? 'included' : 'given' },
    note: given === null ? note : null,
  };
}

async function readKey(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): InvalidError {
  return new InvalidError('evidence_unreadable', `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}
