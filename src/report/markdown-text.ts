import { visible, visibleLines } from './visible.ts';

/** Of CommonMark and GitHub's additions (https://github.github.com/gfm/#backslash-escapes): all that can mean anything, links without marks included. */
const meaning = /[\\`*_{}[\]()#+\-.!|~:@=$^]/g;
const entities: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;' };

/** Text as text, on one line, also in a table's cell. */
export function markdownText(text: string): string {
  return escaped(visible(text));
}

/** A quotation that keeps its lines, indented by `indent`. */
export function markdownQuote(text: string, indent = ''): string {
  return visibleLines(text)
    .split('\n')
    .map((line) => `${indent}> ${escaped(visible(line.trim()))}`)
    .join('\\\n');
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(markdownText).join(' | ')} |`;
  return [line(head), `|${head.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n');
}

function escaped(text: string): string {
  return text.replace(meaning, '\\$&').replace(/[<>&]/g, (found) => entities[found] ?? '');
}
