/** Pages that follow each other in memory, ascending: what CRIU calls an entry of the page map, and ELF a segment. Flat, for there may be millions. */
export interface Runs {
  readonly length: number;
  /** Of all runs. */
  readonly pages: number;
  /** Address of the run's first page, divided by the page size. */
  first(index: number): number;
  count(index: number): number;
  push(first: number, count: number): void;
}

export function createRuns(): Runs {
  // Page numbers go beyond 32 bits, and a double holds them exactly.
  let values = new Float64Array(256);
  let length = 0;
  let pages = 0;
  return {
    get length() {
      return length;
    },
    get pages() {
      return pages;
    },
    first: (index) => values[2 * index] ?? Number.NaN,
    count: (index) => values[2 * index + 1] ?? Number.NaN,
    push(first, count) {
      if (2 * length === values.length) {
        const grown = new Float64Array(values.length * 2);
        grown.set(values);
        values = grown;
      }
      values[2 * length] = first;
      values[2 * length + 1] = count;
      length++;
      pages += count;
    },
  };
}
