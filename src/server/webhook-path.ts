/**
 * Falco can send neither headers nor anything else that is secret but its URL, so the token may stand at the end of the path. It is taken out
 * before anything sees the path: routes, hooks, logs, metrics, the audit log and messages know `/webhooks/falco` alone.
 */
import type { IncomingMessage } from 'node:http';

export interface WebhookPath {
  /** The path without the token; for fastify's `rewriteUrl`. */
  strip(request: IncomingMessage & { originalUrl?: string }): string;
  /** What stood in the path, as it stood there; null when nothing did. */
  tokenOf(request: IncomingMessage): string | null;
}

const webhook = '/webhooks/falco';

export function webhookPath(): WebhookPath {
  const tokens = new WeakMap<IncomingMessage, string>();
  return {
    strip(request) {
      const url = request.url ?? '/';
      if (!url.startsWith(`${webhook}/`)) return url;
      const [path = ''] = url.slice(webhook.length + 1).split(/[?#]/);
      tokens.set(request, path.replace(/\/$/, ''));
      // fastify keeps what was there before under this name.
      request.originalUrl = webhook;
      return webhook;
    },
    tokenOf: (request) => tokens.get(request) ?? null,
  };
}

/** For messages and rows that quote what was asked: a token may stand where none belongs. */
export function withoutTokens(text: string): string {
  return text.replace(/pw_[^/?#&\s]*/gi, 'pw_…');
}

/** For a path in a message: one that was mistyped may hold a token, too, in any disguise. */
export function shownPath(path: string): string {
  return /webhook|falco/i.test(path) ? '/webhooks/…' : withoutTokens(path).slice(0, 200);
}
