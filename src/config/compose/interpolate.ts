/** Values of the environment, by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

export interface Interpolated {
  readonly text: string;
  /** Names that had no value and no default, and became nothing. */
  readonly unset: readonly string[];
}

/** What a text asks for that cannot be given; the message names variables, never their values. */
export class InterpolationError extends Error {}

const deepest = 20;

/**
 * `$VAR`, `${VAR}`, `${VAR:-default}`, `${VAR-default}`, `${VAR:?error}`, `${VAR?error}`, `${VAR:+instead}`, `${VAR+instead}`, nested, and `$$` for
 * one `$`, as Compose reads them (https://docs.docker.com/reference/compose-file/interpolation/).
 *
 * @throws InterpolationError when it is no such text, or a variable that must be set is not.
 */
export function interpolate(text: string, variables: Variables, depth = 0): Interpolated {
  if (!text.includes('$')) return { text, unset: [] };
  if (depth > deepest) throw new InterpolationError(`is nested deeper than ${deepest}`);
  const unset: string[] = [];
  let result = '';
  for (let i = 0; i < text.length; ) {
    const at = text.indexOf('$', i);
    if (at < 0) {
      result += text.slice(i);
      break;
    }
    result += text.slice(i, at);
    if (text[at + 1] === '$') {
      result += '$';
      i = at + 2;
      continue;
    }
    const { value, end } = text[at + 1] === '{' ? braced(text, at, variables, unset, depth) : plain(text, at, variables, unset);
    result += value;
    i = end;
  }
  return { text: result, unset };
}

function plain(text: string, at: number, variables: Variables, unset: string[]): { value: string; end: number } {
  const name = /^[A-Za-z_]\w*/.exec(text.slice(at + 1))?.[0];
  if (name === undefined) throw new InterpolationError('has a $ that begins no variable: write $$ for a $ of its own');
  return { value: lookUp(name, variables, unset), end: at + 1 + name.length };
}

function braced(text: string, at: number, variables: Variables, unset: string[], depth: number): { value: string; end: number } {
  const close = closing(text, at + 2);
  const inside = text.slice(at + 2, close);
  const parts = /^([A-Za-z_]\w*)(?:(:?[-?+])([\s\S]*))?$/.exec(inside);
  if (parts === null) throw new InterpolationError('has a $ with braces that name no variable');
  const [, name = '', operator = '', rest = ''] = parts;
  const end = close + 1;
  const value = variables[name];
  const has = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
  const other = () => {
    const inner = interpolate(rest, variables, depth + 1);
    unset.push(...inner.unset);
    return inner.text;
  };
  switch (operator.at(-1)) {
    case '-':
      return { value: has ? (value ?? '') : other(), end };
    case '+':
      return { value: has ? other() : '', end };
    case '?':
      if (has) return { value: value ?? '', end };
      throw new InterpolationError(`needs the variable ${name}${rest === '' ? '' : `: ${rest}`}`);
    default:
      return { value: lookUp(name, variables, unset), end };
  }
}

function closing(text: string, from: number): number {
  let open = 1;
  for (let i = from; i < text.length; i++) {
    if (text[i] === '{' && text[i - 1] === '$') open++;
    else if (text[i] === '}' && --open === 0) return i;
  }
  throw new InterpolationError('has a $ with a brace that is not closed');
}

function lookUp(name: string, variables: Variables, unset: string[]): string {
  const value = variables[name];
  if (value === undefined) unset.push(name);
  return value ?? '';
}
