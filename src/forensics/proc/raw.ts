/**
 * Names inside a container are bytes. In memory they are `raw` text, a character for each byte (latin1), so that none is lost and no two
 * become one. What is written down is UTF-8, with a lone surrogate for each byte that is not (PEP 383): JSON escapes it, and
 * `os.fsencode` in Python gives the bytes back.
 */
export function rawBytes(raw: string): Buffer {
  return Buffer.from(raw, 'latin1');
}

/** As it is written down. */
export function shown(raw: string): string {
  if (isAscii(raw)) return raw;
  const bytes = rawBytes(raw);
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) text += String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
    else text += bytes.toString('utf8', at, at + length);
    at += Math.max(1, length);
  }
  return text;
}

/** The other way round; null when the text is not what `shown` gives. */
export function rawOf(text: string): string | null {
  if (isAscii(text)) return text;
  let raw = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xd800 && code <= 0xdfff) {
      if (code < 0xdc80 || code > 0xdcff) return null;
      raw += String.fromCharCode(code - 0xdc00);
    } else raw += Buffer.from(character, 'utf8').toString('latin1');
  }
  return raw;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

/** Of the UTF-8 sequence that begins here (RFC 3629, 4); 0 when it is none. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  const second = bytes[at + 1] ?? 0;
  if (first < 0x80) return 1;
  const follows = (count: number) => {
    for (let i = 1; i <= count; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return false;
    return true;
  };
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const low = first === 0xe0 ? 0xa0 : 0x80;
    const high = first === 0xed ? 0x9f : 0xbf;
    return second >= low && second <= high && follows(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const low = first === 0xf0 ? 0x90 : 0x80;
    const high = first === 0xf4 ? 0x8f : 0xbf;
    return second >= low && second <= high && follows(3) ? 4 : 0;
  }
  return 0;
}
