import { endianness } from 'node:os';

const little = endianness() === 'LE';

/** From eight hexadecimal digits of /proc/net, a word in the machine's own byte order. */
export function ipv4(hex: string): string {
  return bytesOf(hex).join('.');
}

/** From 32 hexadecimal digits: four `words` of the machine's byte order (tcp6), or the address as it is written (`if_inet6`). */
export function ipv6(hex: string, form: 'words' | 'plain'): string {
  const plain = form === 'plain' ? hex : [0, 8, 16, 24].map((at) => hexOf(bytesOf(hex.slice(at, at + 8)))).join('');
  const groups = Array.from({ length: 8 }, (_, i) => Number.parseInt(plain.slice(i * 4, i * 4 + 4), 16).toString(16));
  // the longest run of zeros, the first of equals (RFC 5952, 4.2)
  let best = { at: 0, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (groups[at + length] === '0') length++;
    if (length > best.length) best = { at, length };
  }
  if (best.length < 2) return groups.join(':');
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`;
}

function bytesOf(word: string): number[] {
  const bytes = [0, 2, 4, 6].map((at) => Number.parseInt(word.slice(at, at + 2), 16));
  return little ? bytes.reverse() : bytes;
}

function hexOf(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
