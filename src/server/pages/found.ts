import { visible } from '../../domain/inert.ts';
import type { Found } from '../../web/pages/find.tsx';

/** Those whose names hold what was asked for, whatever the case, and of them one page. A page after the last is the last. */
export function pageOf<T>(
  all: readonly T[],
  nameOf: (one: T) => string,
  { q, page }: { readonly q: string; readonly page: number },
  perPage: number,
): { readonly items: readonly T[]; readonly found: Found } {
  const wanted = q.trim().toLowerCase();
  const matching = wanted === '' ? all : all.filter((one) => visible(nameOf(one)).toLowerCase().includes(wanted));
  const pages = Math.max(1, Math.ceil(matching.length / perPage));
  const at = Math.min(page, pages);
  return {
    items: matching.slice((at - 1) * perPage, at * perPage),
    found: { q, n: matching.length, page: at, pages },
  };
}
