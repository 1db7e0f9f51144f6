/** Services are found by a part of their names, and come in pages. */
export interface Found {
  /** What the names must hold; empty for all. */
  readonly q: string;
  /** How many were found, on all pages. */
  readonly n: number;
  /** From 1. */
  readonly page: number;
  readonly pages: number;
}

export function Find({ found: { q, n }, action, label }: { readonly found: Found; readonly action: string; readonly label: string }) {
  return (
    <search>
      <form method="get" action={action} class="filter">
        <label>
          {label} <input type="search" name="q" value={q} maxLength={100} autoComplete="off" />
        </label>
        <button type="submit">Find</button>
        {q !== '' && <a href={action}>All</a>}
        <span class="quiet">{n === 1 ? '1 row' : `${n} rows`}, the worst first</span>
      </form>
    </search>
  );
}

export function Pager({
  found: { q, page, pages },
  action,
  anchor,
}: {
  readonly found: Found;
  readonly action: string;
  readonly anchor: string;
}) {
  if (pages <= 1) return null;
  const link = (to: number) => `${action}?${new URLSearchParams({ ...(q === '' ? {} : { q }), page: String(to) })}#${anchor}`;
  return (
    <nav class="pager" aria-label="Pages of services">
      {page > 1 && (
        <a href={link(page - 1)} rel="prev">
          Worse
        </a>
      )}
      <span class="num">
        {page} of {pages}
      </span>
      {page < pages && (
        <a href={link(page + 1)} rel="next">
          Better
        </a>
      )}
    </nav>
  );
}
