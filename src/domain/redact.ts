/**
 * The last net under secrets in logs and notices, where text may come from anywhere: an error of a library, a container's own words.
 * What knows that it holds a secret uses `Secret`; this finds what looks like one.
 */

const gone = '[redacted]';

/** Keys whose values nobody may see, whatever they are. */
const secretKey =
  /(?:^|[-_.])(?:authorization|cookie|set-cookie|x-api-key|api[-_]?key)$|passw(?:or)?d|passphrase|secret|credential|token|private[-_]?key|webhook/i;

/** In order: the first takes a whole block, the last is the broadest. */
const shapes: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, gone],
  // our own tokens, and those of others that say what they are
  [/\bpw_[\w-]{8,}/g, `pw_${gone}`],
  [/\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|sk_live_|sk-|hvs\.|AKIA|ASIA)[\w-]{8,}/g, gone],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, gone],
  [/\b(Bearer|Basic|Digest|Negotiate)(\s+)[\w.~+/=:-]{6,}/gi, `$1$2${gone}`],
  [
    /\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key)(["']?\s*[:=]\s*["']?)(?!(?:bearer|basic|digest|negotiate)\s)[^\s"',]+/gi,
    `$1$2${gone}`,
  ],
  // user:password@ of an address, and what hooks have in their path
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@:"']*:[^\s/@"']*@/gi, `$1${gone}@`],
  [/\b(https?:\/\/[^\s/"'<>]*(?:hook|discord|teams|office|slack|telegram|pagerduty|opsgenie)[^\s/"'<>]*)\/[^\s"'<>]*/gi, `$1/${gone}`],
  [/\b(https?:\/\/[^\s/"'<>]+)\/[^\s"'<>]*(?:hook|token|secret|\/services\/)[^\s"'<>]*/gi, `$1/${gone}`],
  [
    /([\w-]{0,40}(?:passw(?:or)?d|passphrase|pwd|secret|api[-_]?key|access[-_]?key|private[-_]?key|client[-_]?secret|token)["']?\s*(?:=|:(?!\/\/))\s*)("[^"]*"|'[^']*'|[^\s,;&"'}\]]+)/gi,
    `$1${gone}`,
  ],
];

/** A text without what looks like a secret. */
export function redactText(text: string): string {
  return shapes.reduce((left, [shape, by]) => left.replace(shape, by), text);
}

/** A value to be logged, without what looks like a secret: by the names of its keys, and in its texts. Plain data comes back; cycles and depth end. */
export function redact(value: unknown, depth = 0, seen: readonly object[] = []): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > 8 || seen.includes(value)) return '[…]';
  const within = [...seen, value];
  if (value instanceof Error) return errorOf(value, depth, within);
  if (value instanceof Date) return Number.isNaN(value.valueOf()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  // what knows how it is to be shown, a Secret among them
  if ('toJSON' in value && typeof value.toJSON === 'function') return redact((value.toJSON as () => unknown)(), depth + 1, within);
  if (Array.isArray(value)) return value.slice(0, 200).map((item) => redact(item, depth + 1, within));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isSecretKey(key, item) ? gone : redact(item, depth + 1, within)]),
  );
}

/** A count of tokens is no token, and the file that holds one neither. */
function isSecretKey(key: string, value: unknown): boolean {
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') return false;
  return secretKey.test(key) && !/(?:file|path|name|id)$/i.test(key);
}

function errorOf(error: Error, depth: number, within: readonly object[]): unknown {
  const own = Object.fromEntries(Object.entries(error).filter(([key]) => key !== 'cause' && key !== 'stack' && key !== 'message'));
  return {
    type: error.name,
    message: redactText(error.message),
    stack: redactText(error.stack ?? ''),
    ...(redact(own, depth + 1, within) as object),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1, within) }),
  };
}
