/** Somebody who looks at the dashboard in a browser without scripts: logs in, reads pages, sends forms. */
import type { Answer, Harness } from './harness.ts';

export interface Visitor {
  get(path: string): Promise<Answer>;
  /** Sends the form of the page that has this action, with its own csrf, and these fields. */
  send(page: string, action: string, fields?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Without reading a page first. */
  post(path: string, fields: Readonly<Record<string, string>>): Promise<Answer>;
}

const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';

/** @param token null: nobody, from this machine. */
export async function visit(harness: Harness, token: string | null): Promise<Visitor> {
  const post = (path: string, fields: Readonly<Record<string, string>>, cookie: string | undefined) =>
    harness.call('POST', path, {
      body: new URLSearchParams(fields).toString(),
      headers: {
        accept,
        'content-type': 'application/x-www-form-urlencoded',
        origin: harness.url,
        ...(cookie === undefined ? {} : { cookie }),
      },
    });
  const cookie = token === null ? undefined : (await post('/login', { token }, undefined)).headers.get('set-cookie')?.split(';')[0];
  const get = (path: string) => harness.call('GET', path, { headers: { accept, ...(cookie === undefined ? {} : { cookie }) } });
  return {
    get,
    post: (path, fields) => post(path, fields, cookie),
    async send(page, action, fields = {}) {
      const { text } = await get(page);
      const form = text.split('<form ').find((part) => part.includes(`action="${action}"`));
      const csrf = /name="csrf" value="([\w-]+)"/.exec(form ?? '')?.[1];
      if (csrf === undefined) throw new Error(`${page} has no form for ${action}`);
      return post(action, { csrf, ...fields }, cookie);
    },
  };
}
