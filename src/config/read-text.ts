import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { type Problem, problem } from './problem.ts';
import { maxCharacters } from './yaml.ts';

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
    return refuse(utf16 ? 'the file is UTF-16: save it as UTF-8' : 'the file is not UTF-8 text', placeOfBadByte(bytes));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const none = { line: 0, column: 0 };
    return refuse(code === 'ENOENT' ? 'the file does not exist' : `the file cannot be read (${code})`, none, code === 'ENOENT');
  }
}

function placeOfBadByte(bytes: Buffer): { readonly line: number; readonly column: number } {
  // The longest prefix that is UTF-8, found by halves; the 3 bytes that a cut character may leave at its end do not matter to the search.
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const cut = [0, 1, 2, 3].some((less) => middle >= less && isUtf8(bytes.subarray(0, middle - less)));
    if (cut) low = middle;
    else high = middle - 1;
  }
  const before = bytes
    .subarray(0, low)
    .toString('utf8')
    .replace(/\ufffd+$/, '')
    .split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}
