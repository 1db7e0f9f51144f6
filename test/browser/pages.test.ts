import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { findBrowser } from './chromium.ts';
import { type BrowserLab, openLab } from './lab.ts';
import { pagesOf } from './pages.ts';
import { shortcomings } from './shortcomings.ts';
import { openStage, type Stage } from './stage.ts';

const found = await findBrowser();
const missing = 'missing' in found ? found.missing : null;

/** Of any run: paths are known only once there is a database. */
const names = [...Object.keys(pagesOf({ runs: {}, evidence: '' } as never)), 'target', 'evidence-held'];

describe.skipIf(missing !== null)(`pages${missing === null ? '' : `: skipped, ${missing}`}`, () => {
  let lab: BrowserLab;
  let stage: Stage;
  beforeAll(async () => {
    lab = await openLab('path' in found ? found.path : '');
    stage = await openStage(lab);
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
    await lab?.[Symbol.asyncDispose]();
  });
  const pathOf = (name: string) => stage.pages[name] ?? '';

  test.concurrent.for(names)('%s: clean, readable by everyone, and no less without scripts', async (name, { expect }) => {
    await using visit = await lab.visit({ token: lab.filled.tokens.admin, viewport: { width: 1280, height: 800 } });
    const { page, problems } = visit;
    const answer = await page.goto(pathOf(name));
    expect.soft(answer?.status()).toBe(200);
    expect.soft(await page.locator('h1').count()).toBe(1);
    const said = await wordsOf(page);
    expect.soft(await shortcomings(page)).toEqual([]);
    expect.soft(problems).toEqual([]);
    await using plain = await lab.visit({ token: lab.filled.tokens.admin, javaScriptEnabled: false });
    await plain.page.goto(pathOf(name));
    expect.soft(await wordsOf(plain.page)).toEqual(said);
    expect.soft(plain.problems).toEqual([]);
  });
});

/** What a page says of itself; rows come and go while others look. */
async function wordsOf(page: Page): Promise<readonly string[]> {
  const words = await page
    .locator('main')
    .locator('h1, h2, h3, caption, th[scope=col], dt, legend, label, summary, button')
    .allTextContents();
  return words.map((text) => text.replaceAll(/\d+/g, '0'));
}
