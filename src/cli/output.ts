import { styleText } from 'node:util';
import Table from 'cli-table3';
import { errorBody } from '../domain/errors.ts';
import { blotted, escapedJson, inertJson } from '../domain/inert.ts';

/** Where a command prints: tables, colour and progress on a terminal; plain lines when piped; JSON when asked for. */
export interface Output {
  readonly json: boolean;
  readonly terminal: boolean;
  /** The command's answer as data, printed only with `--json`. */
  data(value: unknown): void;
  /** For people; nothing with `--json`. */
  line(text?: string): void;
  table(head: readonly string[], rows: readonly (readonly string[])[]): void;
  /** What goes on, on standard error, so that it never mixes with the answer. */
  progress(text: string): void;
  warn(text: string): void;
  error(error: unknown): void;
  paint(style: Style, text: string): string;
}

export type Style = 'good' | 'bad' | 'unsure' | 'quiet' | 'strong';

const colours = { good: 'green', bad: 'red', unsure: 'yellow', quiet: 'gray', strong: 'bold' } as const;

export interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
}

export function createOutput(json: boolean, { stdout, stderr, env }: Streams): Output {
  const terminal = stdout.isTTY === true && !json;
  const colour = terminal && (env.NO_COLOR ?? '') === '';
  const paint = (style: Style, text: string) => (colour ? styleText(colours[style], text) : text);
  return {
    json,
    terminal,
    data(value) {
      if (json) stdout.write(inertJson(value));
    },
    line(text = '') {
      if (!json) stdout.write(`${printable(text)}\n`);
    },
    table(head, rows) {
      if (json) return;
      stdout.write(
        terminal
          ? drawn(
              head.map((title) => paint('strong', title)),
              rows.map((row) => row.map(printable)),
            )
          : plain([head, ...rows].map((row) => row.map(printable))),
      );
    },
    progress(text) {
      if (!json) stderr.write(`${printable(text)}\n`);
    },
    warn(text) {
      stderr.write(`${colour ? styleText('yellow', 'warning:') : 'warning:'} ${printable(text)}\n`);
    },
    error(error) {
      const body = errorBody(error);
      if (json) {
        stderr.write(`${escapedJson(JSON.stringify(body))}\n`);
        return;
      }
      stderr.write(`${colour ? styleText('red', 'error:') : 'error:'} ${printable(body.error.message)}\n`);
      if (body.error.hint) stderr.write(`try: ${printable(body.error.hint)}\n`);
    },
    paint,
  };
}

/** Those of `colours`, and their ends. */
const ownColours = /(\p{Cc}\[(?:1|22|3[1-39]|90)m)/u;

/**
 * What a container, a check or an engine said must not drive the reader's terminal: only our colours survive. Others could hide what
 * follows them: there are one that conceals and one that writes black on black.
 */
export function printable(text: string): string {
  return text
    .split(ownColours)
    .map((part, i) => (part.startsWith('\u001b[') && i % 2 === 1 ? part : blotted(part)))
    .join('');
}

/** What a container, a check or an engine said, as part of a text of ours: no colours at all, and no line that could be taken for one of ours. */
export function quotedLines(text: string, indent: string): string {
  return blotted(text, '\n').replace(/\n+/g, `\n${indent}`);
}

const frameless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

function drawn(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({ head: [...head], chars: frameless, style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 } });
  table.push(...rows.map((row) => [...row]));
  return `${table.toString()}\n`;
}

/** One row a line, tabs between: what `cut` and `awk` expect. */
function plain(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map((cell) => cell.replace(/[\t\n]/g, ' ')).join('\t')}\n`).join('');
}
