import fc from 'fast-check';
import { expect, test } from 'vitest';
import { composeLabels, summary } from '../../../test/support/targets.ts';
import type { OptInRule } from '../../config/config.ts';
import { whyNotOptedIn } from './opt-in.ts';

const rule: OptInRule = { compose: 'shop', services: null, names: null, images: null, labels: {}, engines: null, kinds: 'all' };
const why = (labels: Record<string, string>, rules: readonly OptInRule[] = []) =>
  whyNotOptedIn(summary('web', { labels }), { kind: 'reverse-uptime', rules });

test('a label names all kinds, or this one', () => {
  expect(why({ 'pitwall.drills': 'all' })).toBeNull();
  expect(why({ 'pitwall.drills': 'lifecycle, reverse-uptime' })).toBeNull();
  expect(why({ 'pitwall.drills': 'lifecycle' })).toMatch(/does not name reverse-uptime/);
  expect(why({ 'pitwall.drills': '' })).toMatch(/not opted in/);
  expect(why({})).toMatch(/no label/);
});

test('skip always wins, however it is written', () => {
  for (const skip of ['true', 'TRUE', 'yes', '1', ''])
    expect(why({ 'pitwall.drills': 'all', 'pitwall.skip': skip }, [rule])).toMatch(/pitwall.skip/);
  expect(why({ 'pitwall.drills': 'all', 'pitwall.skip': 'false' })).toBeNull();
});

test("an owner's rule opts in what it names, and a label of the container's own stands above it", () => {
  expect(why(composeLabels('shop', 'web'), [rule])).toBeNull();
  expect(why(composeLabels('blog', 'web'), [rule])).toMatch(/no optIn rule/);
  expect(why(composeLabels('shop', 'db'), [{ ...rule, services: ['web'] }])).toMatch(/no optIn rule/);
  expect(why({ ...composeLabels('shop', 'web'), 'pitwall.drills': 'lifecycle' }, [rule])).toMatch(/does not name/);
  expect(why(composeLabels('shop', 'web'), [{ ...rule, kinds: ['lifecycle'] }])).toMatch(/no optIn rule/);
});

test('no label text but the two forms ever opts in', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const named = text.split(',').map((kind) => kind.trim());
      expect(why({ 'pitwall.drills': text }) === null).toBe(named.includes('all') || named.includes('reverse-uptime'));
    }),
  );
});
