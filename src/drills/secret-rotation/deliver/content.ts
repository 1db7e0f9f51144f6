import { Secret } from '../../../domain/secret.ts';
import type { Credential } from '../system.ts';

/** What the file of a credential holds. */
export function contentOf(format: string, { user, secret }: Credential): Secret {
  const parts: Readonly<Record<string, string>> = { '{secret}': secret.reveal(), '{user}': user ?? '' };
  return new Secret(format.replace(/\{secret\}|\{user\}/g, (part) => parts[part] ?? part));
}

/** The value in a file of this format; null when it is not written so. Line feeds at its end may be more or fewer. */
export function valueIn(format: string, content: string): Secret | null {
  const [before = '', after = ''] = trimEnd(format).split('{secret}').map(asPattern);
  const found = new RegExp(`^${before}([^]+)${after}$`).exec(trimEnd(content))?.[1];
  return found === undefined ? null : new Secret(found);
}

/** What follows the value may be the end of it in a file of one line. */
function trimEnd(text: string): string {
  return text.replace(/[\r\n]+$/, '');
}

function asPattern(text: string): string {
  return text
    .split('{user}')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^]*?');
}
