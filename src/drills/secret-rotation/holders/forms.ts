import type { Secret } from '../../../domain/secret.ts';

/** How a value stands in a text. */
export type Form = 'as it is' | 'URL-encoded' | 'JSON-escaped' | 'in base64';

/** Looks for one value in texts. */
export interface Needle {
  /** How it is there; null where it is not. */
  find(text: string | Buffer): Form | null;
}

/** Shorter ones are found anywhere. */
export const shortestSought = 8;

/**
 * Finds a value however it is written: as it is (so also in a connection URL), percent-encoded in whole or in part, escaped as in JSON (JSON within JSON
 * included), and in the base64 of any text that holds it, such as `user:value`. Of a PEM it looks for the private key, line by line. What stands inside a
 * longer word counts: an `-psecret` missed is worse than a `secrets` too many. Null for a value of under 8 characters.
 */
export function needleOf(secret: Secret): Needle | null {
  const value = secret.reveal().trim();
  if (value.length < shortestSought) return null;
  const sought = partsOf(value).map((part) => Buffer.from(part));
  return { find: (text) => formOf(typeof text === 'string' ? bytesOf(text) : text.toString('latin1'), sought) };
}

/** Of a key of which a file may have kept all but the certificate, or the other way round. */
function partsOf(value: string): string[] {
  const [, body] = /-----BEGIN [A-Z ]*PRIVATE KEY-----\s([\s\S]+?)-----END/.exec(value) ?? [];
  const lines = body?.split(/\s+/).filter((line) => line.length >= 40) ?? [];
  return lines.length === 0 ? [value] : lines;
}

/** One character a byte, so that texts and files are searched alike. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function formOf(text: string, sought: readonly Buffer[]): Form | null {
  const values = sought.map((bytes) => bytes.toString('latin1'));
  const holds = (one: string) => values.some((value) => one.includes(value));
  if (holds(text)) return 'as it is';
  const decoded = percentDecoded(text);
  if (holds(decoded) || holds(percentDecoded(text.replaceAll('+', ' ')))) return 'URL-encoded';
  const views = [text, decoded];
  let unescaped = text;
  for (let depth = 0; depth < mostNested; depth++) {
    const next = jsonUnescaped(unescaped);
    if (next === unescaped) break;
    if (holds(next)) return 'JSON-escaped';
    views.push(next);
    unescaped = next;
  }
  return [...new Set(views)].some((view) => holdsInBase64(view, sought)) ? 'in base64' : null;
}

const mostNested = 3;

function percentDecoded(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

const escaped: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function jsonUnescaped(text: string): string {
  return text.replaceAll(/\\([\\/"bfnrt])|(?:\\u[0-9a-f]{4})+/gi, (all: string, one: string | undefined) =>
    one === undefined ? bytesOf(JSON.parse(`"${all.replaceAll('\\U', '\\u')}"`) as string) : (escaped[one] ?? one),
  );
}

/** Where a run of base64 begins need not be where the encoding began: what stands before it may look like part of it. */
const alignments = [0, 1, 2, 3];

function holdsInBase64(text: string, sought: readonly Buffer[]): boolean {
  const least = Math.ceil((Math.min(...sought.map(({ length }) => length)) * 4) / 3);
  const whole = text.replaceAll(/(?<=[\w+/-]{60})\r?\n(?=[\w+/-])/g, '');
  return [`[A-Za-z0-9+/]{${least},}`, `[\\w-]{${least},}`].some((runs) =>
    [...whole.matchAll(new RegExp(runs, 'g'))].some(([run]) =>
      alignments.some((at) => {
        const bytes = Buffer.from(run.slice(at), 'base64');
        return sought.some((value) => bytes.includes(value));
      }),
    ),
  );
}
