import { createHash } from 'node:crypto';
import { names } from '../case-path.ts';
import { type CustodyEntry, entryProblem, parseCustodyLine } from '../custody-entry.ts';
import { openEnvelope } from '../dsse.ts';
import { publicKeyOf } from '../keys.ts';
import { type ExportFile, exportFiles, sealedFiles } from '../signed-files.ts';
import { parseStatement, type Statement } from '../statement.ts';
import type { Problems } from './problems.ts';

/** What a case says in words of its own, as found. */
export interface Words {
  readonly statement: Buffer;
  readonly key: Buffer | null;
  readonly custody: Buffer | null;
}

export interface CheckedWords {
  readonly statement: Statement;
  readonly entries: readonly CustodyEntry[];
  /** Every other file that must be there, and nothing else may. */
  readonly files: readonly ExportFile[];
  readonly keyid: string;
}

type Key = ReturnType<typeof publicKeyOf>;

/** Checks key, signature, statement and custody. Null: nothing could be learned of what should be there. */
export function verifyWords(words: Words, given: Key | null, problems: Problems): CheckedWords | null {
  const included = keyOf(words.key, problems);
  if (given !== null && included !== null && included.keyid !== given.keyid) problems.add(names.key, 'is not the key that was given');
  const key = given ?? included;
  if (key === null) return null;
  const opened = openEnvelope(words.statement, key.key);
  if ('problem' in opened) {
    problems.add(names.statement, opened.problem);
    return null;
  }
  if (!opened.signed) problems.add(names.statement, `the signature does not hold with key ${key.keyid}`);
  const statement = parseStatement(opened.payload);
  if (statement === null) {
    problems.add(names.statement, 'what it signs is not a statement about evidence');
    return null;
  }
  if (opened.keyid !== statement.keyid) problems.add(names.statement, 'the key that it names is not the one of the statement');
  if (included !== null && included.keyid !== statement.keyid) problems.add(names.key, 'is not the key that the statement names');
  const entries = words.custody === null ? [] : verifyCustody(words.custody, statement, key, problems);
  const sealed = sealedFiles(entries);
  if (sealed === null && words.custody !== null) problems.add(names.custody, 'has no entry of the sealing');
  const files = exportFiles(statement, sealed ?? []).filter((file) => file.path !== names.statement);
  const own = sealed?.find((file) => file.path === names.statement);
  if (sealed !== null && own?.sha256 !== createHash('sha256').update(words.statement).digest('hex')) {
    problems.add(names.statement, 'is not the one that was sealed');
  }
  return { statement, entries, files, keyid: key.keyid };
}

/** The file must be exactly what its key is written as. */
function keyOf(bytes: Buffer | null, problems: Problems): Key | null {
  if (bytes === null) return null;
  try {
    const key = publicKeyOf(bytes.toString('utf8'));
    if (!Buffer.from(key.pem).equals(bytes)) problems.add(names.key, 'is not written as Pitwall writes it: bytes were changed');
    return key;
  } catch {
    problems.add(names.key, 'is not an Ed25519 public key');
    return null;
  }
}

function verifyCustody(bytes: Buffer, statement: Statement, key: Key, problems: Problems): CustodyEntry[] {
  const text = bytes.toString('utf8');
  const wrong = (problem: string) => problems.add(names.custody, problem);
  if (!text.endsWith('\n')) wrong('its last line is not whole');
  if (!Buffer.from(text).equals(bytes)) wrong('is not UTF-8');
  const entries: CustodyEntry[] = [];
  for (const [at, line] of text.split('\n').slice(0, -1).entries()) {
    const entry = parseCustodyLine(line);
    if (entry === null) {
      wrong(`line ${at + 1} is not an entry as Pitwall writes it`);
      break;
    }
    const problem = entryProblem(entry, entries.at(-1) ?? null, key);
    entries.push(entry);
    if (problem === null) continue;
    wrong(problem);
    break;
  }
  if (entries.some((entry) => entry.case !== statement.case)) wrong('is the log of another case');
  if (!entries.some((entry) => entry.hash === statement.custodyHead)) wrong('does not hold the entry that the statement names');
  return entries;
}
