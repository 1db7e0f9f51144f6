/**
 * What others named, inert and visible. A reader of a report must see that a name holds what no name should: characters that drive a
 * terminal, turn the direction of writing, or show nothing at all.
 */

const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Noncharacter_Code_Point}\u115f\u1160\u3164\uffa0]/gu;

/** On one line: `a\u001bb` → `a␛b`, U+202E → `‹U+202E›`. */
export function visible(text: string): string {
  return text.replace(unseen, mark);
}

/** The same, but lines stay lines, and tabs tabs. */
export function visibleLines(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(unseen, (found) => (found === '\n' || found === '\t' ? found : mark(found)));
}

/** JSON text in which such characters are escapes: the same values, and nothing that a terminal would obey. */
export function inertJson(value: unknown): string {
  const escaped = (found: string) =>
    Array.from({ length: found.length }, (_, i) => `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');
  return `${JSON.stringify(value, null, 2).replace(unseen, (found) => (found === '\n' ? found : escaped(found)))}\n`;
}

function mark(found: string): string {
  const code = found.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
}
