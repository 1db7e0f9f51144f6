/** What a registry asks for in `WWW-Authenticate`. */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly params: Readonly<Record<string, string>>;
}

/**
 * Reads `WWW-Authenticate` (RFC 9110, 11.6.1): challenges separated by commas, as are the parameters of each. A comma or an escaped quote
 * may stand in a quoted value, as in `scope="repository:evidence:pull,push"`. What cannot be read ends it: the challenges before count.
 */
export function parseChallenges(header: string): Challenge[] {
  const found: { scheme: string; params: Record<string, string> }[] = [];
  let rest = header;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    const match = pattern.exec(rest);
    if (match !== null) rest = rest.slice(match[0].length);
    return match;
  };
  for (;;) {
    take(/^[\s,]+/);
    const current = found.at(-1);
    const param = current === undefined ? null : take(parameter);
    if (current !== undefined && param !== null) {
      current.params[(param[1] ?? '').toLowerCase()] ??= param[2] === undefined ? (param[3] ?? '') : param[2].replace(/\\(.)/gs, '$1');
      continue;
    }
    const scheme = take(/^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?=$|[\s,])/);
    if (scheme === null) return found;
    // A prototype of none, for the names are a stranger's.
    found.push({ scheme: (scheme[1] ?? '').toLowerCase(), params: Object.create(null) as Record<string, string> });
    // Of schemes that are not ours, such as Negotiate: one word in place of parameters.
    take(/^\s+[\w.~+/-]+=*(?=\s*(?:,|$))/);
  }
}

const parameter = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+.^_`|~0-9A-Za-z:/-]+))/s;
