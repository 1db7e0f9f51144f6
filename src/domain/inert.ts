/**
 * What a container, a check or an engine said, on one line and without what a terminal or a page would obey: control characters (ANSI's
 * among them) and those that turn the direction of writing become `�`. Cut at `most` characters.
 */
export function inert(text: string, most = Number.POSITIVE_INFINITY): string {
  const line = text.replace(/[\t\n\r\u2028\u2029]+/g, ' ').replace(/\p{Cc}|\p{Bidi_Control}/gu, '\ufffd');
  return line.length > most ? `${line.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…` : line;
}
