import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { type Problem, problem } from './problem.ts';
import { maxCharacters } from './yaml/yaml.ts';

export type ReadText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly missing: boolean; readonly problem: Problem };

/** A file that a person wrote. `shown` is its name in messages. */
export function readText(path: string, shown: string): ReadText {
  const refuse = (expected: string, place = { line: 1, column: 1 }, missing = false): ReadText => {
    return { ok: false, missing, problem: problem({ code: 'unreadable', file: shown, place, expected }) };
  };
  try {
    const stat = statSync(path);
    // A pipe would be waited for, and a device has no end.
    if (!stat.isFile()) return refuse(`the path is ${stat.isDirectory() ? 'a folder' : 'not a regular file'}`);
    if (stat.size > 4 * maxCharacters) return refuse(`the file has ${stat.size} bytes; at most ${maxCharacters} characters are read`);
    const bytes = readFileSync(path);
    if (isUtf8(bytes)) return { ok: true, text: bytes.toString('utf8') };
    const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    return utf16 ? refuse('the file is UTF-16: save it as UTF-8') : refuse('the file is not UTF-8 text', placeOfBadByte(bytes));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const none = { line: 0, column: 0 };
    return refuse(code === 'ENOENT' ? 'the file does not exist' : `the file cannot be read (${code})`, none, code === 'ENOENT');
  }
}

/** Where the first byte stands that is no part of a character. */
function placeOfBadByte(bytes: Buffer): { readonly line: number; readonly column: number } {
  const [before = ''] = bytes.toString('utf8').split('\ufffd', 1);
  const lines = before.split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
