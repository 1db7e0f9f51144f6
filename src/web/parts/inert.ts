/**
 * What containers, engines and people gave as text, made harmless and visible: a name may hold what turns the direction of writing, what
 * hides, or what a terminal obeys. HTML itself is escaped where it is rendered.
 */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

export interface Piece {
  readonly text: string;
  /** Null for text as it was; otherwise what stands there instead of one character, such as `U+202E`. */
  readonly code: string | null;
}

/** @param lines keeps newlines and tabs as they are. */
export function piecesOf(text: string, lines = false): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(hidden)) {
    if (lines && (found === '\n' || found === '\t')) continue;
    if (index > from) pieces.push({ text: text.slice(from, index), code: null });
    pieces.push({ text: pictureOf(found), code: codeOf(found) });
    from = index + found.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), code: null });
  return pieces;
}

/** As one string: for attributes and titles. */
export function shown(text: string): string {
  return piecesOf(text)
    .map((piece) => piece.text)
    .join('');
}

/** The net under all of it: a whole page, in which an attribute may have been forgotten. Newlines and tabs stay. */
export function withoutHidden(html: string): string {
  return html.replace(hidden, (found) => (found === '\n' || found === '\t' ? found : pictureOf(found)));
}

/** ASCII's control characters have pictures of their own. */
function pictureOf(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : `\u2039${codeOf(character)}\u203a`;
}

function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
