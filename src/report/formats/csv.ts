import { visible } from '../../domain/inert.ts';

export type Cell = string | number | null;

/**
 * One table as RFC 4180 has it: CRLF, every text in quotes, numbers and what is not there without. No text becomes a formula in a spreadsheet
 * (https://owasp.org/www-community/attacks/CSV_Injection): one that could gets an apostrophe in front, which spreadsheets do not show.
 */
export function csv(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [head, ...rows].map((row) => `${row.map(written).join(',')}\r\n`).join('');
}

function written(cell: Cell): string {
  if (cell === null) return '';
  return typeof cell === 'number' ? String(cell) : `"${harmless(cell).replaceAll('"', '""')}"`;
}

/** Also behind blanks and quotes, which some programs strip, and behind a semicolon or a bar, which some take for the end of a cell. */
const formula = /(^|[;|])([\s"'`]*)(?=[=+\-@＝＋－＠])/gu;

function harmless(text: string): string {
  return visible(text).replace(formula, "$1'$2");
}
