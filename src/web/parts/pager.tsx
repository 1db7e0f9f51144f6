export interface PagerProps {
  /** What is paged: `containers`. */
  readonly of: string;
  /** Null where there is none. */
  readonly previous: string | null;
  readonly next: string | null;
  /** Where one is: `101–200 of 10,000`. */
  readonly place?: string;
  /** What lies behind the links; default `Previous` and `Next`. */
  readonly labels?: readonly [previous: string, next: string];
}

/** Links to the pages around this one. */
export function Pager({ of, previous, next, place, labels: [back, on] = ['Previous', 'Next'] }: PagerProps) {
  if (previous === null && next === null && place === undefined) return null;
  return (
    <nav class="pager" aria-label={`Pages of ${of}`}>
      {previous !== null && (
        <a href={previous} rel="prev">
          ‹ {back}
        </a>
      )}
      {place !== undefined && <span class="quiet">{place}</span>}
      {next !== null && (
        <a href={next} rel="next">
          {on} ›
        </a>
      )}
    </nav>
  );
}
