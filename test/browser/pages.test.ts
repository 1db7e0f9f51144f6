import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { violations } from './axe.ts';
import { findBrowser } from './chromium.ts';
import { live } from './hostile.ts';
import { type BrowserLab, openLab } from './lab.ts';
import { pagesOf } from './pages.ts';

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
      expect.soft(await violations(page), 'light, wide').toEqual([]);
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.setViewportSize({ width: 360, height: 740 });
      await page.evaluate(() => {
        for (const details of document.querySelectorAll('details')) details.open = true;
      });
      await page.evaluate(() => {
        for (const details of document.querySelectorAll('details')) details.open = true;
      });
      expect.soft(await violations(page), 'dark, narrow').toEqual([]);
      expect.soft(await tooWide(page), 'reaches beyond 360 pixels').toEqual([]);
      expect.soft(await page.evaluate(() => document.querySelectorAll('img[src=x], [onerror]').length), 'markup of others').toBe(0);
      expect.soft(live.exec((await page.locator('body').textContent()) ?? '')?.[0], 'a character that is not inert').toBeUndefined();
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

/** What sticks out of the page at the right, unless it is in a box that scrolls by itself. */
async function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const { scrollWidth } = document.documentElement;
    if (scrollWidth <= width) return [];
    // A box holds what is placed by itself only when it is what that is placed by.
    const holder = (element: Element) =>
      getComputedStyle(element).position === 'absolute' ? (element as HTMLElement).offsetParent : element.parentElement;
    const scrolls = (element: Element | null): boolean =>
      element !== null && (getComputedStyle(element).overflowX !== 'visible' || scrolls(holder(element)));
    const out = [...document.body.querySelectorAll('*')]
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().right > width + 1 && !scrolls(holder(element)))
      .map(
        (element) =>
          `<${element.tagName.toLowerCase()} class="${element.getAttribute('class') ?? ''}"> ${element.textContent?.slice(0, 40)}`,
      );
    return [`${scrollWidth} pixels`, ...out];
  });
}
