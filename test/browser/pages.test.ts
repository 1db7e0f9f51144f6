import { afterAll, beforeAll, describe, test } from 'vitest';
import { findBrowser } from './chromium.ts';
import { type BrowserLab, openLab } from './lab.ts';
import { pagesOf } from './pages.ts';
import { shortcomings } from './shortcomings.ts';

const found = await findBrowser();
const missing = 'missing' in found ? found.missing : null;

/** Of any run: paths are known only once there is a database. */
const names = Object.keys(pagesOf({ runs: {}, evidence: '' } as never));

describe.skipIf(missing !== null)(`pages${missing === null ? '' : `: skipped, ${missing}`}`, () => {
  let lab: BrowserLab;
  beforeAll(async () => {
    lab = await openLab('path' in found ? found.path : '');
  });
  afterAll(() => lab[Symbol.asyncDispose]());
  const pathOf = (name: string) => pagesOf(lab.filled)[name] ?? '';

  test.concurrent.for(names)(
    '%s: nothing on the console, nothing against the policy, no violation in light and dark, and 360 pixels will do',
    async (name, { expect }) => {
      await using visit = await lab.visit({ token: lab.filled.tokens.admin, viewport: { width: 1280, height: 800 } });
      const { page, problems } = visit;
      const answer = await page.goto(pathOf(name));
      expect.soft(answer?.status()).toBe(200);
      await expect.soft(page.locator('h1').count()).resolves.toBe(1);
      expect.soft(await shortcomings(page)).toEqual([]);
      expect.soft(problems).toEqual([]);
    },
  );

  test.concurrent.for(names)('%s: says the same without scripts', async (name, { expect }) => {
    const said = async (javaScriptEnabled: boolean) => {
      await using visit = await lab.visit({ token: lab.filled.tokens.admin, javaScriptEnabled });
      await visit.page.goto(pathOf(name));
      expect(visit.problems).toEqual([]);
      // ages go on meanwhile
      return ((await visit.page.locator('main').textContent()) ?? '').replaceAll(/\d+/g, '0');
    };
    const plain = await said(false);
    expect(plain.length).toBeGreaterThan(20);
    expect(plain).toBe(await said(true));
  });
});
