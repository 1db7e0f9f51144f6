import type { VNode } from 'preact';
import { visibleUpTo } from '../domain/inert.ts';
import type { Matrix, MatrixCell } from '../domain/matrix.ts';
import { group } from './group.ts';

/** Who reaches whom: declared, simulated and measured of every way, in this order, by sign; and below it where they disagree. */
export function matrixTable({ cells }: Matrix): VNode {
  const special = ['host', 'external'].filter((name) => cells.some(({ to }) => to === name));
  const from = namesToShow(cells, ({ from }) => from);
  const to = namesToShow(
    cells.filter((cell) => !special.includes(cell.to)),
    ({ to }) => to,
  );
  // who is on both sides stands on both, so that the diagonal is one
  const both = from.hidden + to.hidden === 0 ? [...new Set([...from.shown, ...to.shown])].toSorted() : to.shown;
  const rows = from.shown;
  const all = [...both, ...special];
  const ways = group(cells, ({ from, to }) => JSON.stringify([from, to]));
  if (cells.length === 0) return <p class="matrix-none">There was no way between two of them to look at.</p>;
  return (
    <div class="matrix">
      <p class="matrix-title">Who reaches whom: declared, simulated, measured</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without it, what is out of sight cannot be reached by keyboard */}
      <section class="chart-scroll" tabIndex={0} aria-label="The matrix, from row to column">
        <table class="matrix-table">
          <thead>
            <tr>
              <th scope="col">from ↓ to →</th>
              {all.map((to) => (
                <th key={to} scope="col">
                  {visibleUpTo(to, 40)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((from) => (
              <tr key={from}>
                <th scope="row">{visibleUpTo(from, 40)}</th>
                {all.map((to) => (
                  <Cell key={to} cells={ways.get(JSON.stringify([from, to])) ?? []} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {from.hidden + to.hidden > 0 && (
        <p class="chart-note">
          {from.hidden} rows and {to.hidden} columns are not drawn; those on which something disagrees, or is not known, come first.
        </p>
      )}
      <p class="chart-legend">
        <span>
          <b>✓</b> open
        </span>
        <span>
          <b>✕</b> closed
        </span>
        <span>
          <b>±</b> some of each
        </span>
        <span>
          <b>?</b> not known
        </span>
        <span>
          <b>·</b> nothing to connect to
        </span>
        <span>
          <b>!</b> policy and network disagree
        </span>
      </p>
      <Disagreements cells={cells.filter(({ disagreement }) => disagreement !== null)} />
    </div>
  );
}

/** Of either side: more could not be read, nor be sent. */
const mostNames = 60;

/** What needs a look before what does not, when not all can be shown; in the order of names. */
function namesToShow(
  cells: readonly MatrixCell[],
  nameOf: (cell: MatrixCell) => string,
): { readonly shown: string[]; readonly hidden: number } {
  const names = new Map<string, number>();
  for (const cell of cells) names.set(nameOf(cell), Math.max(names.get(nameOf(cell)) ?? 0, urgency(cell)));
  const urgent = [...names].toSorted(([a, i], [b, j]) => j - i || (a < b ? -1 : 1)).slice(0, mostNames);
  return { shown: urgent.map(([name]) => name).toSorted(), hidden: names.size - urgent.length };
}

function urgency({ disagreement, measured }: MatrixCell): number {
  if (disagreement !== null) return 2;
  return measured === 'unknown' ? 1 : 0;
}

function Cell({ cells }: { readonly cells: readonly MatrixCell[] }): VNode {
  if (cells.length === 0) {
    return (
      <td class="matrix-empty">
        <span aria-hidden="true">·</span>
        <span class="chart-words">nothing to connect to</span>
      </td>
    );
  }
  const declared = signOf(cells.map((cell) => cell.declared === 'allow'));
  const simulated = signOf(cells.map((cell) => cell.simulated === 'allow'));
  const measured = signOf(cells.map((cell) => (cell.measured === 'unknown' ? null : cell.measured !== 'closed')));
  const state = stateOf(cells);
  const bad = state === 'disagrees';
  const words = `declared ${names[declared]}, simulated ${names[simulated]}, measured ${names[measured]}${bad ? ', disagrees' : ''}`;
  return (
    <td class={`matrix-${state}`} title={`${words}; ${cells.length} ${cells.length === 1 ? 'way' : 'ways'}`}>
      <span aria-hidden="true">
        {declared} {simulated} <b>{measured}</b>
        {bad ? ' !' : ''}
      </span>
      <span class="chart-words">{words}</span>
    </td>
  );
}

const names = { '✓': 'open', '✕': 'closed', '±': 'mixed', '?': 'not known' } as const;
type Sign = keyof typeof names;

function signOf(open: readonly (boolean | null)[]): Sign {
  // one that is not known makes the whole not known, unless another is open
  if (open.includes(null)) return open.includes(true) ? '±' : '?';
  if (open.every(Boolean)) return '✓';
  return open.some(Boolean) ? '±' : '✕';
}

function stateOf(cells: readonly MatrixCell[]): 'disagrees' | 'unknown' | 'agrees' {
  if (cells.some(({ disagreement }) => disagreement !== null)) return 'disagrees';
  return cells.some(({ measured }) => measured === 'unknown') ? 'unknown' : 'agrees';
}

const meanings = {
  'deny-but-open': 'the policy denies it, and it can be reached',
  'allow-but-closed': 'the policy allows it, and it cannot be reached',
  bypass: 'reached although no network joins the two',
} as const;

/** A longer list is in the artifact. */
const mostListed = 500;

function Disagreements({ cells }: { readonly cells: readonly MatrixCell[] }): VNode {
  if (cells.length === 0) return <p class="matrix-none">Policy and network disagree nowhere.</p>;
  return (
    <>
      <p class="matrix-title">
        {cells.length} {cells.length === 1 ? 'way' : 'ways'} on which policy and network disagree
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: as above */}
      <section class="chart-scroll" tabIndex={0} aria-label="Where policy and network disagree">
        <table class="matrix-list">
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">To</th>
              <th scope="col">Address</th>
              <th scope="col">Declared</th>
              <th scope="col">Simulated</th>
              <th scope="col">Measured</th>
              <th scope="col">What it means</th>
            </tr>
          </thead>
          <tbody>
            {cells.slice(0, mostListed).map((cell, index) => (
              <tr key={index}>
                <td>{visibleUpTo(cell.from, 120)}</td>
                <td>{visibleUpTo(cell.to, 120)}</td>
                <td>{`${cell.address === null ? '-' : visibleUpTo(cell.address, 120)}${cell.port === null ? '' : ` ${cell.protocol} ${cell.port}`}`}</td>
                <td>{cell.declared}</td>
                <td>{cell.simulated}</td>
                <td>{cell.measured}</td>
                <td>{cell.disagreement === null ? '' : `! ${meanings[cell.disagreement]}`}</td>
              </tr>
            ))}
            {cells.length > mostListed && (
              <tr>
                <td colSpan={7}>and {cells.length - mostListed} more</td>
              </tr>
            )}
          </tbody>
        </table>
      </section>
    </>
  );
}
