import type { CST } from 'yaml';

/** Deeper than any file of ours, and far from what a recursive reader can bear. */
export const maxDepth = 64;

/**
 * Offset at which a parsed text is nested too deeply, or null. Without recursion, because what comes after this recurses: and where the
 * stack is nearly used up, a regular expression that is compiled there ends the whole process (V8 calls it out of memory).
 */
export function tooDeep(tokens: readonly CST.Token[]): number | null {
  const open = tokens.map((token) => ({ token: token as AnyToken, depth: 0 }));
  for (let next = open.pop(); next; next = open.pop()) {
    const { token, depth } = next;
    if (depth > maxDepth) return token.offset;
    if (token.type === 'document' && token.value) open.push({ token: token.value, depth });
    for (const item of token.items ?? []) {
      for (const part of [item.key, item.value]) {
        if (part) open.push({ token: part, depth: depth + 1 });
      }
    }
  }
  return null;
}

interface AnyToken {
  readonly type: string;
  readonly offset: number;
  readonly value?: AnyToken | undefined;
  readonly items?: readonly { readonly key?: AnyToken | null; readonly value?: AnyToken }[];
}
