/**
 * What containers, engines, files and people gave as text, made harmless and visible: a name may hold what drives a terminal, turns the
 * direction of writing, or shows nothing at all. The one rule of what that is; HTML is escaped where it is rendered.
 */

/** Controls (ANSI's among them), formats (bidi, zero width, tags), halves of a pair, line separators, no characters at all, and letters without a shape. */
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Noncharacter_Code_Point}\u115f\u1160\u3164\uffa0]/gu;

/** On one line: `a\u001b\n` → `a␛␊`, U+202E → `‹U+202E›`. */
export function visible(text: string): string {
  return text.replace(hidden, signOf);
}

/** The same, cut with `…` at so many characters. */
export function visibleUpTo(text: string, most: number): string {
  return cut(visible(text), most);
}

/** The same, but lines stay lines, and tabs tabs. */
export function visibleLines(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(hidden, (found) => (isSpace(found) ? found : signOf(found)));
}

export interface Piece {
  readonly text: string;
  /** Null for text as it was; otherwise what stands there instead of one character, such as `U+202E`. */
  readonly code: string | null;
}

/** `visible` in pieces, so that signs can be told from text that looks like them. @param lines keeps newlines and tabs as they are. */
export function piecesOf(text: string, lines = false): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(hidden)) {
    if (lines && isSpace(found)) continue;
    if (index > from) pieces.push({ text: text.slice(from, index), code: null });
    pieces.push({ text: signOf(found), code: codeOf(found) });
    from = index + found.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), code: null });
  return pieces;
}

/** For terminals and messages, where a sign of three columns breaks what is aligned: `�` for each but those of `kept`. */
export function blotted(text: string, kept = '\t\n'): string {
  return text.replace(hidden, (found) => (kept.includes(found) ? found : '\ufffd'));
}

/** Blotted, and on one line that reads on: breaks and tabs become a space. Cut at `most` characters. */
export function oneLine(text: string, most: number): string {
  return cut(blotted(text.replace(/[\t\n\r\u2028\u2029]+/g, ' ')), most);
}

/** Text of JSON with escapes in place of such characters: the same values. Newlines stay, as in it they only stand between values. */
export function escapedJson(json: string): string {
  return json.replace(hidden, (found) => (found === '\n' ? found : escapesOf(found)));
}

/** A value as JSON that nothing obeys and in which nothing hides, indented, with a newline at its end. */
export function inertJson(value: unknown): string {
  return `${escapedJson(JSON.stringify(value, null, 2))}\n`;
}

function cut(text: string, most: number): string {
  // not in the middle of a character of two units
  return text.length > most ? `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…` : text;
}

function isSpace(found: string): boolean {
  return found === '\n' || found === '\t';
}

/** ASCII's control characters have pictures of their own. */
function signOf(found: string): string {
  const code = found.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : `\u2039${codeOf(found)}\u203a`;
}

function codeOf(found: string): string {
  return `U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function escapesOf(found: string): string {
  return Array.from({ length: found.length }, (_, i) => `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');
}
