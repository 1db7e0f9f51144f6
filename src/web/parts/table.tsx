import type { ComponentChildren } from 'preact';

export interface Column {
  readonly label: string;
  /** Right-aligned figures of one width. */
  readonly numeric?: boolean;
}

export interface TableProps {
  /** What the table is, for those who hear the page. */
  readonly caption: string;
  /** A string is a column of text. */
  readonly head: readonly (Column | string)[];
  readonly rows: readonly TableRow[];
  readonly class?: string;
}

export interface TableRow {
  /** Its place in the page stays the same from one update to the next: `run-01J…`. */
  readonly id?: string;
  /** The first is the row's heading. */
  readonly cells: readonly ComponentChildren[];
}

/** A table that scrolls by itself where the page is too narrow, also by keyboard. */
export function Table({ caption, head, rows, class: extra }: TableProps) {
  const columns = head.map((column): Column => (typeof column === 'string' ? { label: column } : column));
  return (
    <Scroll label={caption}>
      <table class={extra}>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ label, numeric = false }) => (
              <th scope="col" class={numeric ? 'num' : undefined}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, cells }) => (
            <tr id={id}>
              {cells.map((cell, i) => {
                const kind = columns[i]?.numeric === true ? 'num' : undefined;
                return i === 0 ? (
                  <th scope="row" class={kind}>
                    {cell}
                  </th>
                ) : (
                  <td class={kind}>{cell}</td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** For what may be wider than a phone. */
export function Scroll({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it, what is out of sight cannot be reached by keyboard
    <section class="scroll" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
