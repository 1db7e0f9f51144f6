import { expect, test } from 'vitest';
import { bodyOf } from './body.ts';

const notice = { type: 'failed', at: 0, subject: 'shop', data: { run: '01J' } } as const;
const text = (message: string) => (JSON.parse(bodyOf({ ...notice, message }, 'i-1', 'slack')) as { text: string }).text;

test('json: the notice with its id', () => {
  expect(JSON.parse(bodyOf({ ...notice, message: 'it <failed> "so"' }, 'i-1', 'json'))).toEqual({
    id: 'i-1',
    type: 'failed',
    at: '1970-01-01T00:00:00.000Z',
    subject: 'shop',
    message: 'it <failed> "so"',
    data: { run: '01J' },
  });
});

test('slack: no name can call people, make a link or change the type', () => {
  expect(text('a <!channel> & <https://evil|ok> <@U1>')).toBe(
    '*Pitwall: failed*\na &lt;!channel&gt; &amp; &lt;https://evil|ok&gt; &lt;@\u200bU1&gt;',
  );
  for (const message of ['@channel', '@here now', 'web@all', '[click](https://evil)', '*bold*', '`code`', '~x~ _y_']) {
    const shown = text(message).slice('*Pitwall: failed*\n'.length);
    expect(shown).not.toMatch(/@(?:channel|here|all)/);
    expect(shown).not.toMatch(/\]\(/);
    expect(shown).not.toMatch(/(?:^|[^\u200b])[*_~`]/);
    expect(shown.replace(/\u200b/g, '')).toBe(message);
  }
});
