import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { docker, type Fixture, fixture, recycleDrill } from '../support/containers.ts';
import { violations } from './axe.ts';
import { findBrowser } from './chromium.ts';
import { type BrowserLab, openLab } from './lab.ts';
import { pagesOf } from './pages.ts';

const found = await findBrowser();
const missing = 'missing' in found ? found.missing : null;

describe.skipIf(missing !== null)(`acting${missing === null ? '' : `: skipped, ${missing}`}`, () => {
  let box: Fixture;
  let lab: BrowserLab;
  let container: string;
  beforeAll(async () => {
    box = fixture();
    // Stops when it is let, so that a run of it can be watched for as long as that takes.
    const stops = 'trap "until [ -e /may-end ]; do sleep 0.1; done; exit 0" TERM; while :; do sleep 1 & wait $!; done';
    container = await box.run('a', '--stop-timeout', '120', '--', 'sh', '-c', stops);
    lab = await openLab('path' in found ? found.path : '', { 'watched.yaml': recycleDrill(box, { name: 'watched' }) });
  });
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
    await box[Symbol.asyncDispose]();
  });

  afterEach(async () => {
    const { admin } = lab.filled.tokens;
    // What a test that failed may have left.
    await fetch(`${lab.url}/api/v1/unhalt`, { method: 'POST', headers: { authorization: `Bearer ${admin}` } });
  });

  test('login: a wrong, an expired and a revoked token are refused with the reason; a right one leads to where one was going, and logout ends it', async () => {
    const { viewer, operator, responder, admin } = lab.filled.tokens;
    const database = new Database(join(lab.home.home, 'pitwall.db'));
    const spoil = (name: string, column: 'expires_at' | 'revoked_at') =>
      database.prepare(`UPDATE tokens SET ${column} = ? WHERE name = ?`).run(Date.now() - 1_000, name);
    const heal = (name: string) => database.prepare('UPDATE tokens SET expires_at = NULL, revoked_at = NULL WHERE name = ?').run(name);
    await using visit = await lab.visit();
    const { page, context } = visit;
    await page.goto('/audit');
    expect(new URL(page.url()).pathname).toBe('/login');
    spoil('the-viewer', 'expires_at');
    spoil('the-operator', 'revoked_at');
    for (const token of [`pw_${'x'.repeat(43)}`, viewer, operator]) {
      await page.getByLabel('Token').fill(token);
      await page.getByRole('button', { name: 'Log in' }).click();
      await expect(page.getByRole('alert').textContent()).resolves.toMatch(/not valid/);
      expect(await context.cookies()).toEqual([]);
    }
    heal('the-viewer');
    heal('the-operator');
    await page.getByLabel('Token').fill(admin);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL('**/audit');
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    expect(await page.evaluate(() => document.cookie)).toBe('');
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.waitForURL('**/login');
    await context.addCookies([cookie as never]);
    await page.goto('/audit');
    expect(new URL(page.url()).pathname).toBe('/login');

    await using expiring = await lab.visit({ token: responder });
    await expiring.page.goto('/');
    await expect(expiring.page.getByRole('button', { name: 'Log out' }).count()).resolves.toBe(1);
    spoil('the-responder', 'expires_at');
    await expiring.page.reload();
    await expect(expiring.page.getByRole('link', { name: 'Log in' }).count()).resolves.toBe(1);
    heal('the-responder');
    database.close();
  });

  test('roles: a viewer is offered nothing that acts, on any page; an operator runs, and does not freeze; what is not offered is refused as well', async () => {
    const { viewer, operator } = lab.filled.tokens;
    await using visit = await lab.visit({ token: viewer });
    const forms = (page: Page) =>
      page.evaluate(() => [...document.querySelectorAll('form[method="post"]')].map((form) => form.getAttribute('action')));
    const paths = [...Object.values(pagesOf(lab.filled)), '/drills/watched', `/targets/${container}`];
    for (const path of paths.filter((one) => one !== '/login')) {
      await visit.page.goto(path);
      expect([path, await forms(visit.page)]).toEqual([path, ['/logout']]);
    }
    await visit.page.goto('/audit');
    await expect(visit.page.locator('h1').textContent()).resolves.toMatch(/403/);
    await using other = await lab.visit({ token: operator });
    await other.page.goto('/drills/watched');
    expect(await forms(other.page)).toEqual(expect.arrayContaining(['/halt', expect.stringContaining('/drills/watched')]));
    await other.page.goto(`/targets/${container}`);
    expect((await forms(other.page)).filter((action) => /freeze/.test(action ?? ''))).toEqual([]);
    // what its page does not offer it sends all the same
    const csrf = await other.page.locator('input[name=csrf]').first().inputValue();
    const answer = await other.context.request.post(`/targets/${container}/freeze`, { form: { csrf }, maxRedirects: 0 });
    expect(answer.status()).toBe(403);
  });

  test.each([true, false])('halt and unhalt, with scripts: %s', async (javaScriptEnabled) => {
    await using visit = await lab.visit({ token: lab.filled.tokens.admin, javaScriptEnabled });
    await using watching = await lab.visit();
    const { page } = visit;
    await watching.page.goto('/');
    await page.goto('/runs');
    await page.locator('#halt summary').click();
    await page.getByLabel('Reason').fill('<b>smoke</b>');
    await page.getByRole('button', { name: 'Halt all runs' }).click();
    await page.getByRole('button', { name: 'Unhalt' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/runs');
    await expect(page.locator('#controls').textContent()).resolves.toContain('<b>smoke</b>');
    await watching.page.getByText('HALTED').waitFor();
    await page.getByRole('button', { name: 'Unhalt' }).click();
    await page.locator('#halt').waitFor();
    await watching.page.getByText('HALTED').waitFor({ state: 'detached' });
    expect([...visit.problems, ...watching.problems]).toEqual([]);
  });

  test('keyboard alone: skip to the page, every stop in view with a mark around it, details opened, a form filled and sent', async () => {
    await using visit = await lab.visit({ token: lab.filled.tokens.admin, viewport: { width: 1280, height: 800 } });
    const { page } = visit;
    const { keyboard } = page;
    await page.goto('/drills/watched');
    await keyboard.press('Tab');
    expect(await focused(page)).toMatchObject({ text: 'Skip to the page', seen: true });
    await keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    await page.reload();
    const stops = [];
    do {
      await keyboard.press('Tab');
      stops.push(await focused(page));
    } while (stops.at(-1)?.body === false && stops.length < 200);
    const reached = stops.filter(({ body }) => !body);
    expect(reached.filter(({ seen }) => !seen)).toEqual([]);
    const order = reached.map(({ place }) => place);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    const all = await page.evaluate(
      () =>
        [...document.querySelectorAll('a[href], button, summary, input:not([type=hidden]), select, textarea')].filter((one) =>
          one.checkVisibility(),
        ).length,
    );
    expect(reached.length).toBeGreaterThanOrEqual(all);

    await page.locator('#halt summary').focus();
    await keyboard.press('Enter');
    await keyboard.press('Tab');
    await keyboard.type('by keyboard');
    await keyboard.press('Enter');
    await page.getByText('by keyboard').waitFor();
    await page.getByRole('button', { name: 'Unhalt' }).focus();
    await keyboard.press('Space');
    await page.locator('#halt').waitFor();
    expect(visit.problems).toEqual([]);
  });

  test('a drill that is run from its page shows up where others look, goes on, and ends, on pages that are not loaded again', async () => {
    await using operator = await lab.visit({ token: lab.filled.tokens.operator });
    await using list = await lab.visit();
    await using wall = await lab.visit();
    await list.page.goto('/runs');
    await wall.page.goto('/');
    await operator.page.goto('/drills/watched');
    await Promise.all([list, wall].map(({ page }) => page.evaluate(() => Object.assign(window, { same: true }))));
    await operator.page.getByText('Run now').click();
    await operator.page.getByRole('button', { name: 'Run watched now' }).click();
    await operator.page.waitForURL('**/runs/*');
    const id = new URL(operator.page.url()).pathname.split('/').at(-1) ?? '';
    await operator.page.evaluate(() => Object.assign(window, { same: true }));
    const row = list.page.locator('tr', { has: list.page.locator(`a[href="/runs/${id}"]`) });
    await row.getByText('running').waitFor();
    await wall.page.locator(`main a[href="/runs/${id}"]`).first().waitFor();
    await operator.page.locator('.timeline').getByText('planned').waitFor();
    await docker('exec', container, 'touch', '/may-end');
    await row.getByText('passed').waitFor();
    await operator.page.locator('.run-verdict').getByText('passed').waitFor();
    await operator.page.locator('.timeline').getByText('recycled', { exact: true }).first().waitFor();
    for (const { page, problems } of [operator, list, wall]) {
      expect(await page.evaluate(() => 'same' in window)).toBe(true);
      expect(problems).toEqual([]);
    }
  });

  test('freeze from the targets, with the reason asked for; the evidence is there, and it is let go from there', async () => {
    const name = box.name('b');
    const frozen = await box.run('b');
    await using visit = await lab.visit({ token: lab.filled.tokens.responder });
    const { page } = visit;
    const paused = () => docker('inspect', '--format', '{{.State.Paused}}', frozen);
    await page.goto(`/targets?q=${name}`);
    await page.getByRole('link', { name: `Freeze ${name}` }).click();
    await page.getByRole('button', { name: `Freeze ${name}` }).click();
    // the reason is missing: nothing was sent
    expect(new URL(page.url()).pathname).toBe(`/targets/${frozen}`);
    expect(await paused()).toBe('false');
    await page.getByLabel('Reason, for the record').fill('smoke in the pit');
    await page.getByRole('button', { name: `Freeze ${name}` }).click();
    await page.waitForURL('**/runs/*');
    await page.locator('.run-verdict').getByText('passed').waitFor();
    expect(await paused()).toBe('true');
    await page.locator('main a[href^="/evidence/ev_"]').first().click();
    await page.getByText('smoke in the pit').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByText('Release it…').click();
    await page.locator('input[name=to][value=resume]').check();
    await page.getByRole('button', { name: `Release ${name}` }).click();
    await page.getByText(/Released .*resumed/).waitFor();
    expect(await paused()).toBe('false');
    expect(visit.problems).toEqual([]);
  });
});

/** What has the focus: its words, where it stands, and whether one can see that it has it. */
function focused(page: Page): Promise<{ readonly text: string; readonly place: number; readonly seen: boolean; readonly body: boolean }> {
  return page.evaluate(() => {
    const element = document.activeElement ?? document.body;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    const { width, height, bottom, top } = element.getBoundingClientRect();
    const marked = (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
    return {
      text: element.textContent?.trim().slice(0, 60) ?? '',
      place: [...document.querySelectorAll('*')].indexOf(element),
      seen: marked && width > 0 && height > 0 && bottom > 0 && top < innerHeight,
      body: element === document.body,
    };
  });
}
