/**
 * A text of a container, a label or a log, as it may stand in a chart: what would act (controls, ANSI, bidi) is shown by a sign of its
 * own, and what is too long is cut with `…`. HTML is escaped by preact.
 */
export function inert(text: string, longest = 120): string {
  const shown = text.replace(active, (found) => {
    const code = found.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    return code === 0x7f ? '\u2421' : `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
  });
  if (shown.length <= longest) return shown;
  // not in the middle of a character of two units
  return `${shown.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Controls, formats (bidi among them), line separators, and halves of a pair without the other. */
const active = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
