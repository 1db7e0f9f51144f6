/** Somebody who looks at the dashboard in a browser without scripts: logs in, reads pages, sends forms. */
export interface Visitor {
  get(path: string): Promise<Seen>;
  /** Sends the form of the page that has this action, with its own hidden fields, and these. */
  send(page: string, action: string, fields?: Readonly<Record<string, string>>): Promise<Seen>;
  /** Without reading a page first. */
  post(path: string, fields: Readonly<Record<string, string>>): Promise<Seen>;
}

export interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** As a browser sends it that got it from this server. */
export function cookieOf(secret: string, url: string): string {
  return `pitwall_session_${new URL(url).port}=${secret}`;
}

const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';

/** @param token null: nobody, from this machine. */
export async function visit({ url }: { readonly url: string }, token: string | null): Promise<Visitor> {
  let cookie: string | null = null;
  const ask = async (
    path: string,
    init: Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<Seen> => {
    const headers = { accept, ...init.headers, ...(cookie === null ? {} : { cookie }) };
    const response = await fetch(`${url}${path}`, { ...init, headers, redirect: 'manual' });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const get = (path: string) => ask(path);
  const post = (path: string, fields: Readonly<Record<string, string>>) =>
    ask(path, {
      method: 'POST',
      body: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: url },
    });
  if (token !== null) cookie = (await post('/login', { token })).headers.get('set-cookie')?.split(';')[0] ?? null;
  return {
    get,
    post,
    async send(page, action, fields = {}) {
      const { text } = await get(page);
      const form = text.split('<form ').find((part) => part.includes(`action="${action}"`));
      const own = (form ?? '').split('</form>')[0]?.matchAll(/type="hidden" name="(\w+)" value="([\w-]+)"/g) ?? [];
      const hidden: Readonly<Record<string, string>> = Object.fromEntries([...own].map(([, name = '', value = '']) => [name, value]));
      if (hidden.csrf === undefined) throw new Error(`${page} has no form for ${action}`);
      return post(action, { ...hidden, ...fields });
    },
  };
}
