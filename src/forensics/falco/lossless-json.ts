/**
 * JSON as it was written (RFC 8259): a number keeps its text, as Falco's nanoseconds are beyond 2^53, and an object is a Map, so that no key
 * of a stranger is anything but a key. Stricter than `JSON.parse` where readers disagree: a key may not stand twice in an object.
 */
export type Lossless = null | boolean | string | LosslessNumber | readonly Lossless[] | LosslessObject;
export type LosslessObject = ReadonlyMap<string, Lossless>;
export interface LosslessNumber {
  readonly number: string;
}

/** Deeper than anything that Falco sends, and far from the end of the stack. */
const maxDepth = 32;

/** @throws SyntaxError whose message follows "is not JSON: ". */
export function parseLossless(text: string): Lossless {
  let at = 0;
  const fail = (what: string): never => {
    throw new SyntaxError(`${what} at character ${at + 1}`);
  };
  const blank = () => {
    while (at < text.length && ' \t\n\r'.includes(text.charAt(at))) at += 1;
  };
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    at += found?.length ?? 0;
    return found;
  };
  const expect = (character: string) => {
    if (text[at] !== character) fail(at >= text.length ? `ends where ${character} was expected` : `expected ${character}`);
    at += 1;
  };

  function string(): string {
    const start = at;
    expect('"');
    for (;;) {
      while (isPlain(text.charCodeAt(at))) at += 1;
      if (text[at] === '"') break;
      if (match(escaped) === null) fail(at >= text.length ? 'ends within a text' : 'a character that a text may not hold');
    }
    at += 1;
    return JSON.parse(text.slice(start, at)) as string;
  }

  /** The members between two brackets. */
  function members(close: string, depth: number, member: () => void): void {
    if (depth >= maxDepth) fail(`nested more than ${maxDepth} deep`);
    at += 1;
    blank();
    if (text[at] === close) {
      at += 1;
      return;
    }
    for (;;) {
      blank();
      member();
      blank();
      if (text[at] !== ',') break;
      at += 1;
    }
    expect(close);
  }

  function value(depth: number): Lossless {
    const first = text[at];
    if (first === '{') {
      const object = new Map<string, Lossless>();
      members('}', depth, () => {
        const key = string();
        if (object.has(key)) fail(`the key ${JSON.stringify(key.slice(0, 50))} stands twice`);
        blank();
        expect(':');
        blank();
        object.set(key, value(depth + 1));
      });
      return object;
    }
    if (first === '[') {
      const array: Lossless[] = [];
      members(']', depth, () => void array.push(value(depth + 1)));
      return array;
    }
    if (first === '"') return string();
    const number = match(numeral);
    if (number !== null) return { number };
    const word = match(/true|false|null/y);
    if (word === null) return fail(at >= text.length ? 'ends where a value was expected' : 'expected a value');
    return word === 'null' ? null : word === 'true';
  }

  blank();
  const whole = value(0);
  blank();
  if (at < text.length) fail('something follows the value');
  return whole;
}

export function isObject(value: Lossless | undefined): value is LosslessObject {
  return value instanceof Map;
}

export function isNumber(value: Lossless | undefined): value is LosslessNumber {
  return typeof value === 'object' && value !== null && 'number' in value;
}

const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const numeral = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/** Stands for itself in a text. NaN is past the end. */
function isPlain(code: number): boolean {
  return code >= 0x20 && code !== 0x22 && code !== 0x5c;
}
