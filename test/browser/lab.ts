/** A real `pitwall serve` on a filled database, and a real Chromium that looks at it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { docker } from '../support/containers.ts';
import { type Pitwall, pitwall, type Started } from '../support/pitwall.ts';
import { openBrowser } from './chromium.ts';
import { type Filled, fillStore } from './filled-store.ts';

export interface BrowserLab extends AsyncDisposable {
  readonly home: Pitwall;
  readonly browser: Browser;
  /** `http://127.0.0.1:…` */
  readonly url: string;
  readonly filled: Filled;
  /** A browser window of its own, logged in by that token where one is given. */
  visit(options?: VisitOptions): Promise<Visit>;
}

export interface VisitOptions extends BrowserContextOptions {
  readonly token?: string;
}

export interface Visit extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Whatever went wrong, a sentence each: on the console, in scripts, with requests, or a script of somebody else's that ran. */
  readonly problems: string[];
}

/** @param drills by file name, besides those of the catalogue. */
export async function openLab(path: string, drills: Readonly<Record<string, string>> = {}): Promise<BrowserLab> {
  const home = pitwall();
  const filled = fillStore(join(home.home, 'pitwall.db'), Date.now());
  home.file('pitwall.yaml', 'api: { port: 0 }\ndrills: [drills]\n');
  for (const [name, text] of Object.entries({ ...catalogue(home), ...drills })) home.file(join('drills', name), text);
  const serve = home.start('serve');
  const [url, browser] = await Promise.all([addressOf(serve), openBrowser(path)]);
  const sessions = new Map<string, ReturnType<typeof sessionOf>>();
  // One each: every login is a row of the audit log, which is a page too.
  const session = (token: string) => {
    const there = sessions.get(token) ?? sessionOf(url, token);
    sessions.set(token, there);
    return there;
  };
  return {
    home,
    browser,
    url,
    filled,
    async visit({ token, ...options } = {}) {
      const context = await browser.newContext({ baseURL: url, locale: 'en-GB', timezoneId: 'Europe/Amsterdam', ...options });
      context.setDefaultTimeout(60_000);
      if (token !== undefined) await context.addCookies([{ ...(await session(token)), url }]);
      const page = await context.newPage();
      return { page, context, problems: watch(page, `${url}/`), [Symbol.asyncDispose]: () => context.close() };
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      serve.child.kill('SIGTERM');
      const { exitCode, stdout } = await serve.ended;
      await removeEvidenceImages(home);
      home[Symbol.dispose]();
      if (exitCode !== 0) throw new Error(`serve ended with ${exitCode}:\n${stdout.split('\n').slice(-5).join('\n')}`);
    },
  };
}

/** The built-in one, of a shop that is not there, and never due: nothing of it may reach a container of another test. */
function catalogue({ home }: Pitwall): Record<string, string> {
  const names = [
    'recycle-shop',
    'sandbox',
    'segmentation',
    'leaked-database-password',
    'pit-stop',
    'do-we-notice',
    'stolen-data-is-useless',
  ];
  // every week, in three days
  const day = (new Date().getUTCDay() + 3) % 7;
  const nobody = home.split('-').at(-1)?.toLowerCase();
  const text = (name: string) => readFileSync(new URL(`../../drills/${name}.yaml`, import.meta.url), 'utf8');
  return Object.fromEntries(
    names.map((name) => [
      `${name}.yaml`,
      text(name)
        .replaceAll('project: shop', `project: nobody-${nobody}`)
        .replaceAll(/cron: "[^"]+"/g, `cron: "10 3 * * ${day}"`),
    ]),
  );
}

/** What a freeze committed outlives its container, on purpose. */
async function removeEvidenceImages({ home }: Pitwall): Promise<void> {
  const database = new Database(join(home, 'pitwall.db'), { readonly: true });
  const images = database.prepare('SELECT committed_image FROM evidence WHERE committed_image IS NOT NULL').pluck().all() as string[];
  database.close();
  if (images.length > 0) await docker('rmi', '--force', ...images);
}

async function addressOf(serve: Started): Promise<string> {
  let log = '';
  serve.child.stdout?.on('data', (chunk: Buffer) => (log += chunk));
  await serve.saw('"serving');
  return /"address":"([^"]+)"/.exec(log)?.[1] ?? '';
}

/** As the form of the login page does. */
async function sessionOf(url: string, token: string): Promise<{ readonly name: string; readonly value: string }> {
  const answer = await fetch(`${url}/login`, { method: 'POST', body: new URLSearchParams({ token, next: '/' }), redirect: 'manual' });
  const [, name = '', value = ''] = /^([^=]+)=([^;]+)/.exec(answer.headers.getSetCookie()[0] ?? '') ?? [];
  if (value === '') throw new Error(`the login answered ${answer.status} without a session`);
  return { name, value };
}

/** Collects what goes wrong from now on. `own`: how the addresses begin that it may ask for. */
export function watch(page: Page, own: string): string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`script: ${error.message}`));
  page.on('dialog', (dialog) => {
    problems.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(own)) problems.push(`a request elsewhere: ${request.url()}`);
  });
  page.on('requestfailed', (request) => {
    // What a page was loading when it was left.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') problems.push(`${request.url()}: ${request.failure()?.errorText}`);
  });
  return problems;
}
