import type { Page } from 'playwright-core';
import { violations } from './axe.ts';
import { live } from './hostile.ts';

/**
 * What is wrong with a page as people see it, a sentence each: violations that axe-core finds in light and in dark, wide and narrow, with all
 * opened that can be; what reaches beyond 360 pixels; text of others that became more than text.
 */
export async function shortcomings(page: Page): Promise<string[]> {
  const wide = await violations(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 360, height: 740 });
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
  const narrow = await violations(page);
  return [
    ...wide.map((one) => `light, wide: ${one}`),
    ...narrow.map((one) => `dark, narrow: ${one}`),
    ...(await tooWide(page)).map((one) => `beyond 360 pixels: ${one}`),
    ...(await becameMore(page)),
  ];
}

async function becameMore(page: Page): Promise<string[]> {
  const markup = await page.evaluate(() => [...document.querySelectorAll('img[src=x], [onerror]')].map((one) => one.outerHTML));
  const character = live.exec((await page.locator('body').textContent()) ?? '')?.[0];
  const code = character?.codePointAt(0)?.toString(16);
  return [...markup.map((one) => `markup of others: ${one}`), ...(code === undefined ? [] : [`a character that is not inert: U+${code}`])];
}

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
