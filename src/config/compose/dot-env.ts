import { InterpolationError, interpolate, type Variables } from './interpolate.ts';

/**
 * The `.env` beside a Compose file, or an `env_file`: `NAME=value` a line, `export` allowed, comments, single quotes as they stand, double quotes with
 * escapes; values may name earlier ones. A line with a name alone takes the environment's value.
 *
 * @throws InterpolationError naming the line; never a value.
 */
export function readDotEnv(text: string, environment: Variables): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  for (let i = 0; i < lines.length; i++) {
    const first = i + 1;
    const line = (lines[i] ?? '').trim();
    if (line === '' || line.startsWith('#')) continue;
    const parts = /^(?:export\s+)?([A-Za-z_][\w.-]*)\s*(?:[=:]\s*([\s\S]*))?$/.exec(line);
    if (parts === null) throw new InterpolationError(`line ${first} is no NAME=value`);
    const [, name = '', raw] = parts;
    if (raw === undefined) {
      const value = environment[name];
      if (value !== undefined) values[name] = value;
      continue;
    }
    const quote = raw[0] === '"' || raw[0] === "'" ? raw[0] : null;
    let whole = raw;
    // a quoted value may go on over lines
    while (quote !== null && endOf(whole, quote) < 0 && i + 1 < lines.length) whole += `\n${lines[++i] ?? ''}`;
    values[name] = unquoted(whole, quote, { ...values, ...environment }, first);
  }
  return values;
}

function unquoted(raw: string, quote: string | null, variables: Variables, line: number): string {
  try {
    if (quote === null) return interpolate(raw.replace(/\s+#.*$/, '').trim(), variables).text;
    const end = endOf(raw, quote);
    if (end < 0) throw new InterpolationError('a quote is not closed');
    const inside = raw.slice(1, end);
    if (quote === "'") return inside;
    return interpolate(
      inside.replace(/\\([nrt"\\])/g, (_all, one: string) => ({ n: '\n', r: '\r', t: '\t' })[one] ?? one),
      variables,
    ).text;
  } catch (error) {
    if (error instanceof InterpolationError) throw new InterpolationError(`line ${line}: ${error.message}`);
    throw error;
  }
}

function endOf(text: string, quote: string): number {
  for (let i = 1; i < text.length; i++) {
    if (quote === '"' && text[i] === '\\') i++;
    else if (text[i] === quote) return i;
  }
  return -1;
}
