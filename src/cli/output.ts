import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
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
  const { paint, shown } = painter(colour);
  return {
    json,
    terminal,
    data(value) {
      if (json) stdout.write(inertJson(value));
    },
    line(text = '') {
      if (!json) stdout.write(`${shown(text)}\n`);
    },
    table(head, rows) {
      if (json) return;
      stdout.write(
        terminal
          ? drawn(
              head.map((title) => shown(paint('strong', title))),
              rows.map((row) => row.map(shown)),
            )
          : plain([head, ...rows].map((row) => row.map(shown))),
      );
    },
    progress(text) {
      if (!json) stderr.write(`${shown(text)}\n`);
    },
    warn(text) {
      stderr.write(`${shown(paint('unsure', 'warning:'))} ${shown(text)}\n`);
    },
    error(error) {
      const body = errorBody(error);
      if (json) {
        stderr.write(`${escapedJson(JSON.stringify(body))}\n`);
        return;
      }
      stderr.write(`${shown(paint('bad', 'error:'))} ${shown(body.error.message)}\n`);
      if (body.error.hint) stderr.write(`try: ${shown(body.error.hint)}\n`);
    },
    paint,
  };
}

/**
 * What a container, a check or an engine said must not drive the reader's terminal, nor look like a word of ours: only our own colours get
 * there. Until they are printed they are marks that nobody else can write, as they are drawn by lot each time.
 */
function painter(colour: boolean): { paint(style: Style, text: string): string; shown(text: string): string } {
  const mark = `\ue000${randomBytes(8).toString('hex')}:`;
  const marks = new RegExp(`${mark}(\\d+);`, 'g');
  return {
    paint(style, text) {
      if (!colour) return text;
      const [begin, end] = inspect.colors[colours[style]] ?? [0, 0];
      return `${mark}${begin};${text}${mark}${end};`;
    },
    shown: (text) => blotted(text).replace(marks, '\u001b[$1m'),
  };
}

/** What a container, a check or an engine said, as part of a text of ours: no colours at all, and no line that could be taken for one of ours. */
export function quotedLines(text: string, indent: string): string {
  return blotted(text, '\n').replace(/\n+/g, `\n${indent}`);
}

/** A name of a hostile container, on one line: it must not forge one of ours. */
export function flat(text: string): string {
  return text.replaceAll('\n', '\\n');
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
