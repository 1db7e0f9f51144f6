import { errorBody } from '../domain/errors.ts';
import type { Message } from '../domain/notice.ts';
import { bodyOf } from './body.ts';
import type { Hook } from './hook.ts';
import { type Answer, hostOf, post } from './post.ts';
import { signature } from './sign.ts';

export interface Delivered extends Answer {
  /** The hook's host; null when its address could not be read. */
  readonly host: string | null;
}

/**
 * Sends one notice to one hook. Never rejects.
 * @param id the same at every try, so that the other side can tell a second one.
 */
export async function deliver(
  hook: Hook,
  notice: Message,
  id: string,
  options: { readonly now: number; readonly signal: AbortSignal; readonly version: string },
): Promise<Delivered> {
  const { now, signal, version } = options;
  let url: string;
  let key: string | null;
  try {
    url = hook.url().reveal().trim();
    key = hook.secret === null ? null : hook.secret().reveal();
  } catch (error) {
    // a file that is mounted late, a variable that is mended: worth another try
    return { ok: false, retry: true, retryAfterMs: null, status: null, said: '', host: null, note: errorBody(error).error.message };
  }
  const body = bodyOf(notice, id, hook.format);
  const headers = {
    'content-type': 'application/json',
    'user-agent': `pitwall/${version}`,
    'idempotency-key': id,
    'pitwall-notice': notice.type,
    ...(key === null ? {} : { 'pitwall-signature': signature(body, key, now) }),
  };
  const answer = await post({ url, body, headers, allow: hook.allow, now, signal });
  return { ...answer, host: hostOf(url) };
}
