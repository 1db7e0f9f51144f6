import { type Block, type Cell, signs } from '../outline/blocks.ts';
import { outline } from '../outline/outline.ts';
import { facts, headline } from '../outline/problem-lines.ts';
import type { Report } from '../schema.ts';
import { markdownOwn, markdownQuote, markdownTable, markdownText } from './markdown-text.ts';

/** A report as Markdown (CommonMark, tables as GitHub has them). Nothing of what was found can mean anything to its reader but text. */
export function markdownReport(report: Report): string {
  const sections = outline(report)
    .map(({ title, blocks }) => ({
      title,
      text: blocks
        .map(blockText)
        .filter((text) => text !== '')
        .join('\n\n'),
    }))
    .filter(({ text }) => text !== '');
  return [
    `# Pitwall report: ${markdownText(report.title)}`,
    markdownText(`${report.id}, made on ${report.at} by Pitwall ${report.pitwall}`),
    ...sections.map(({ title, text }) => `## ${markdownText(title)}\n\n${text}`),
  ]
    .join('\n\n')
    .concat('\n');
}

function blockText(block: Block): string {
  switch (block.type) {
    case 'paragraph':
      return markdownText(block.text);
    case 'list':
      return block.items.map((item) => `- ${markdownText(item)}`).join('\n');
    case 'table': {
      const table = markdownTable(
        block.head,
        block.rows.map((row) => row.map(cellText)),
      );
      return block.more === undefined || block.more === 0 ? table : `${table}\n\n${markdownText(`… and ${block.more} more`)}`;
    }
    case 'problem': {
      const { problem } = block.alike;
      const lines = facts(block.alike).map(([what, text]) => `- ${markdownText(what)}: ${markdownText(text)}`);
      const seen = problem.evidence === null ? [] : [`- What was seen:\n\n${markdownQuote(problem.evidence, '  ')}`];
      return [
        `### ${markdownText(headline(problem))}`,
        `**What to do:** ${markdownOwn(problem.todo)}`,
        [...lines, ...seen].join('\n'),
      ].join('\n\n');
    }
    case 'charts':
      return '';
    default:
      return block satisfies never;
  }
}

function cellText(cell: Cell): string {
  if (typeof cell === 'string') return cell;
  return cell.text === '' ? '' : `${signs[cell.mark]} ${cell.text}`;
}
