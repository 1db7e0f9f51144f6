import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { noticeTypes } from '../../src/domain/notice.ts';
import { Secret } from '../../src/domain/secret.ts';
import { deliver } from '../../src/notify/deliver.ts';
import { tempFolder } from '../store/support.ts';
import { receiver } from './receiver.ts';

const page = readFileSync(new URL('../../docs/notices.md', import.meta.url), 'utf8');
const block = (language: string) => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? '';
const secret = 'kéy of the docs';

async function sent() {
  const to = await receiver();
  const hook = {
    name: 'x',
    url: () => new Secret(to.url),
    secret: () => new Secret(secret),
    format: 'json',
    on: noticeTypes,
    allow: { private: true, ranges: [] },
  } as const;
  const notice = { type: 'failed', at: 0, subject: 'naïve', message: 'größer “than” ever', data: {} } as const;
  expect(await deliver(hook, notice, 'id-1', { now: Date.now(), signal: new AbortController().signal, version: '1' })).toMatchObject({
    ok: true,
  });
  const [got] = to.got;
  return { header: String(got?.headers['pitwall-signature']), body: got?.body ?? '' };
}

test('the documented check in JavaScript takes what is sent, and nothing else', async () => {
  const file = join(tempFolder(), 'check.mjs');
  writeFileSync(file, block('js'));
  type Check = (header: string | undefined, body: string, secret: string, now?: number) => boolean;
  const { isFromPitwall } = (await import(pathToFileURL(file).href)) as { isFromPitwall: Check };
  const { header, body } = await sent();
  expect(isFromPitwall(header, body, secret)).toBe(true);
  expect(isFromPitwall(header, `${body} `, secret)).toBe(false);
  expect(isFromPitwall(header, body, 'another')).toBe(false);
  expect(isFromPitwall(header, body, secret, Date.now() + 400_000)).toBe(false);
  expect(isFromPitwall(header.replace(/t=\d/, 't=2'), body, secret, Date.now())).toBe(false);
  expect(isFromPitwall(undefined, body, secret)).toBe(false);
});

const python = (() => {
  try {
    execFileSync('python3', ['--version']);
    return true;
  } catch {
    return false;
  }
})();

test.runIf(python)('and so does the one in Python', async () => {
  const { header, body } = await sent();
  const ask = (given: string) =>
    execFileSync(
      'python3',
      ['-c', `${block('python')}\nimport sys\nprint(is_from_pitwall(sys.argv[1], sys.stdin.buffer.read(), sys.argv[2]))`, header, secret],
      {
        input: given,
        encoding: 'utf8',
      },
    ).trim();
  expect([ask(body), ask(`${body} `)]).toEqual(['True', 'False']);
});

test('every type is on the page', () => {
  expect(noticeTypes.filter((type) => !page.includes(`\`${type}\``))).toEqual([]);
});
