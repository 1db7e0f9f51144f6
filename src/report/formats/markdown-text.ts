import { visible, visibleLines } from '../../domain/inert.ts';

/**
 * Of CommonMark and GitHub's additions (https://github.github.com/gfm/): what can mean something anywhere, at the beginning of a line, and in the
 * links that need no marks. The rest stays as it is, so that the file can be read without a program too.
 */
const anywhere = /[\\`*[\]|~$@]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|(?<=www)\.|:(?=\/\/)/giu;
const atStart = /^(\s*)([-+#=])|^(\s*\d+)([.)])/u;
const entities: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;' };

/** Text as text, on one line, also in a table's cell. */
export function markdownText(text: string): string {
  return visible(text)
    .replace(anywhere, '\\$&')
    .replace(atStart, '$1$3\\$2$4')
    .replace(/[<>&]/g, (found) => entities[found] ?? '');
}

/** A text of ours, with what is between backticks as code. */
export function markdownOwn(text: string): string {
  return text
    .split('`')
    .map((part, i) => (i % 2 === 0 ? markdownText(part) : `\`${visible(part)}\``))
    .join('');
}

/** A quotation that keeps its lines, indented by `indent`. */
export function markdownQuote(text: string, indent = ''): string {
  return visibleLines(text)
    .split('\n')
    .map((line) => `${indent}> ${markdownText(line.trim())}`)
    .join('\\\n');
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(markdownText).join(' | ')} |`;
  return [line(head), `|${head.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n');
}
