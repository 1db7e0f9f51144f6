import { Composer, type Document, LineCounter, type Node, Parser } from 'yaml';
import { type Place, type Problem, problem } from '../problem.ts';
import { maxDepth, tooDeep } from './nesting.ts';
import { type Fault, type PlainData, toPlainData } from './plain-data.ts';

/** More than any file written by hand; what is larger is not one of ours. */
export const maxCharacters = 1_048_576;

export interface YamlDocument {
  /** Reads the same on its own: without the marker that separates it from the one before, and without comments above it. */
  readonly text: string;
  /** Where `text` begins in the file, from 1. */
  readonly line: number;
  /** Maps, lists, text, numbers, true, false and null; undefined when there is a problem. */
  readonly data: unknown;
  readonly problems: readonly Problem[];
  /** Where the value at the path starts, or of the nearest part of the path that there is; `key`: where its key starts. */
  readonly place: (path: readonly PropertyKey[], of?: 'value' | 'key') => Place;
}

/** Reads every document that is not empty. YAML 1.2, strict; never throws. */
export function readYaml(
  text: string,
  file: string,
): { readonly documents: readonly YamlDocument[]; readonly problems: readonly Problem[] } {
  const refuse = (expected: string, place: Place = { line: 1, column: 1 }) => ({
    documents: [],
    problems: [problem({ code: 'bad_yaml', file, place, expected })],
  });
  if (text.length > maxCharacters) return refuse(`the file has ${text.length} characters; at most ${maxCharacters} are read`);
  const control = findControlCharacter(text);
  if (control) return refuse(`the file is not text: it holds the control character ${control.name}`, control.place);

  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const deep = tooDeep(tokens);
  if (deep !== null) {
    const { line, col } = lines.linePos(deep);
    return refuse(`the file is nested deeper than ${maxDepth}`, { line, column: col });
  }
  // Duplicate keys are found by `toPlainData`: the library compares each key with each other, which takes minutes for a hostile file.
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false, resolveKnownTags: false, logLevel: 'silent' });
  const parsed = [...composer.compose(tokens)] as Document.Parsed[];
  const documents = parsed
    .filter((doc) => doc.errors.length > 0 || doc.warnings.length > 0 || !isNothing(doc))
    .map((doc) => readDocument(doc, text, file, lines));
  if (documents.length > 0) return { documents, problems: [] };
  return { documents, problems: [problem({ code: 'empty_file', file, place: { line: 1, column: 1 }, expected: 'the file is empty' })] };
}

function readDocument(doc: Document.Parsed, text: string, file: string, lines: LineCounter): YamlDocument {
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const whole = text.slice(doc.range[0], doc.range[2]);
  const own = whole.replace(/^---[ \t]*/, '').replace(/^(?:[ \t]*(?:#[^\n]*)?\n)+/, '');
  const start = doc.range[0] + whole.length - own.length;
  const base = { text: own, line: at(start).line };

  const plain = toPlainData(doc);
  const problems = faults(doc, plain).map(({ offset, path, message }) =>
    problem({ code: 'bad_yaml', file, place: at(offset), path, expected: message }),
  );
  return {
    ...base,
    data: problems.length > 0 ? undefined : plain.data,
    problems,
    place: (path, of = 'value') => at(plain.offset(path, of)),
  };
}

/** Of what the parser says only the first: the rest follows from it. */
function faults(doc: Document.Parsed, plain: PlainData): readonly Fault[] {
  const [first] = [...doc.errors, ...doc.warnings];
  if (first) return [{ offset: first.pos[0], path: [], message: syntaxMessage(first.code, first.message) }];
  if (doc.directives.yaml.explicit) return [{ offset: doc.range[0], path: [], message: 'YAML directives are not read: leave them out' }];
  return plain.faults;
}

function isNothing(doc: Document.Parsed): boolean {
  const node = doc.contents as (Node & { value?: unknown }) | null;
  return node === null || ('value' in node && (node.value === null || node.value === ''));
}

function syntaxMessage(code: string, message: string): string {
  if (code === 'TAB_AS_INDENT') return 'a tab cannot indent: use spaces';
  if (code === 'BAD_INDENT') return 'the indentation does not fit the lines above';
  if (code === 'TAG_RESOLVE_FAILED') return 'tags (!…) are not read: leave it out';
  // The library quotes the source after a colon; that may be a secret.
  const first = (message.split('\n')[0] ?? '').replace(/:\s.*$/, '').replace(/"[^"]+"(?!\w)/g, '…');
  return `not YAML: ${first.charAt(0).toLowerCase()}${first.slice(1)}`;
}

/** YAML has no control characters but tab, line feed and carriage return; a binary file nearly always has one near its start. */
function findControlCharacter(text: string): { readonly name: string; readonly place: Place } | null {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 32 ? code !== 127 : code === 9 || code === 10 || code === 13) continue;
    const before = text.slice(0, i).split('\n');
    return {
      name: `U+${code.toString(16).padStart(4, '0').toUpperCase()}`,
      place: { line: before.length, column: (before.at(-1) ?? '').length + 1 },
    };
  }
  return null;
}
