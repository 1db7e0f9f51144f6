import fc from 'fast-check';
import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { describe, expect, it, test } from 'vitest';
import { Text } from './text.tsx';

const html = (of: string, lines = false) => renderToString(h(Text, { of, lines }));

describe('Text', () => {
  test.each([
    ['plain text', 'shop-web-1 ünïcode 漢字 👍', '<bdi>shop-web-1 ünïcode 漢字 👍</bdi>'],
    ['HTML', '<script>alert("1")</script>&amp;', '<bdi>&lt;script>alert(&quot;1&quot;)&lt;/script>&amp;amp;</bdi>'],
    ['an escape of a terminal', 'a\u001b[31m', '<bdi>a<span class="hidden-char" title="U+001B">\u241b</span>[31m</bdi>'],
    ['a direction of writing', '\u202e', '<bdi><span class="hidden-char" title="U+202E">\u2039U+202E\u203a</span></bdi>'],
    ['delete', '\u007f', '<bdi><span class="hidden-char" title="U+007F">\u2421</span></bdi>'],
    ['a newline', 'a\nb', '<bdi>a<span class="hidden-char" title="U+000A">\u240a</span>b</bdi>'],
    ...['2028', '2029', 'FEFF', '200B', '2066', '00AD', '0085'].map((code) => [
      code,
      String.fromCodePoint(Number.parseInt(code, 16)),
      `<bdi><span class="hidden-char" title="U+${code}">\u2039U+${code}\u203a</span></bdi>`,
    ]),
    ['a tag of no width', '\u{e0041}', '<bdi><span class="hidden-char" title="U+E0041">\u2039U+E0041\u203a</span></bdi>'],
  ])('%s', (_what, text, expected) => {
    expect(html(text)).toBe(expected);
  });

  it('keeps lines where they are wanted, and nothing else that is hidden', () => {
    expect(html('a\n\tb\rc', true)).toBe('<bdi>a\n\tb<span class="hidden-char" title="U+000D">\u240d</span>c</bdi>');
  });
});

const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

it('no text leaves anything hidden, nor an element of its own', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(hidden.test(html(text))).toBe(false);
      expect(html(text)).not.toMatch(/<(?!\/?(?:bdi|span)[ >])/);
    }),
  );
});
