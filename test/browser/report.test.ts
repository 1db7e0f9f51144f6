import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Pitwall, pitwall } from '../support/pitwall.ts';
import { findBrowser, openBrowser } from './chromium.ts';
import { type Filled, fillStore } from './filled-store.ts';
import { watch } from './lab.ts';
import { shortcomings } from './shortcomings.ts';

const found = await findBrowser();
const missing = 'missing' in found ? found.missing : null;

const reports: readonly (readonly [what: string, args: (filled: Filled) => readonly string[]])[] = [
  ['a run', ({ runs }) => [runs.failed]],
  ['a rotation', ({ runs }) => [runs.rotation]],
  ['a run with hostile names', ({ runs }) => [runs.hostile]],
  ['a period', () => ['--since', '60d']],
  ['a service', () => ['--since', '60d', '--service', 'web']],
];

describe.skipIf(missing !== null)(`report files${missing === null ? '' : `: skipped, ${missing}`}`, () => {
  let home: Pitwall;
  let browser: Browser;
  let filled: Filled;
  beforeAll(async () => {
    home = pitwall();
    filled = fillStore(join(home.home, 'pitwall.db'), Date.now());
    browser = await openBrowser('path' in found ? found.path : '');
  });
  afterAll(async () => {
    await browser?.close();
    home[Symbol.dispose]();
  });

  test.concurrent.for(reports)(
    '%s: opens from disk with no network, asks for nothing else, and reads well',
    async ([what, args], { expect }) => {
      const folder = what.replaceAll(' ', '-');
      const answer = await home.call('report', ...args(filled), '--format', 'html', '--out', folder);
      expect([answer.exitCode, answer.stderr]).toEqual([0, '']);
      const context = await browser.newContext({ offline: true, viewport: { width: 1280, height: 800 } });
      const page = await context.newPage();
      const file = pathToFileURL(join(home.home, folder, 'report.html')).href;
      const problems = watch(page, file);
      await page.goto(file);
      expect.soft(await page.locator('h1').count()).toBe(1);
      expect.soft(await shortcomings(page)).toEqual([]);
      expect.soft(problems).toEqual([]);
      await context.close();
    },
  );
});
