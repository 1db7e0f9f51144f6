import { visible, visibleLines } from '../../domain/inert.ts';
import { verdictTones } from '../../domain/verdict-tones.ts';
import type { Alike } from '../alike.ts';
import { type Block as BlockData, type Cell, type Mark, signs } from '../outline/blocks.ts';
import { facts, headline } from '../outline/problem-lines.ts';
import type { RunRow } from '../schema.ts';

/** What others wrote: hidden characters seen, and its direction of writing ending with it. */
export function Words({ of }: { readonly of: string }) {
  return <bdi>{visible(of)}</bdi>;
}

/** A text of ours, with what is between backticks as code. */
function Own({ of }: { readonly of: string }) {
  return <bdi>{of.split('`').map((part, i) => (i % 2 === 0 ? visible(part) : <code>{visible(part)}</code>))}</bdi>;
}

export function marked(verdict: RunRow['verdict']): Mark {
  return verdict === null ? 'quiet' : verdictTones[verdict];
}

export function Block({ block, label }: { readonly block: Exclude<BlockData, { type: 'charts' }>; readonly label: string }) {
  switch (block.type) {
    case 'paragraph':
      return (
        <p>
          <Words of={block.text} />
        </p>
      );
    case 'list':
      return (
        <ul>
          {block.items.map((item) => (
            <li>
              <Words of={item} />
            </li>
          ))}
        </ul>
      );
    case 'table':
      return <Table {...block} label={label} />;
    case 'problem':
      return <ProblemCard alike={block.alike} />;
    default:
      return block satisfies never;
  }
}

function Table({ head, rows, more = 0, label }: Extract<BlockData, { type: 'table' }> & { readonly label: string }) {
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without it, what is out of sight cannot be reached by keyboard */}
      <section class="scroll" aria-label={`Table: ${visible(label)}`} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {head.map((title) => (
                <th scope="col">{title === '' ? 'State' : title}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr>
                {row.map((cell) => (
                  <td>
                    <CellText cell={cell} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {more > 0 && <p class="more">… and {more} more</p>}
    </>
  );
}

function CellText({ cell }: { readonly cell: Cell }) {
  if (typeof cell === 'string') return <Words of={cell} />;
  return (
    <span class={`mark ${cell.mark}`}>
      {cell.text !== '' && `${signs[cell.mark]} `}
      <Words of={cell.text} />
    </span>
  );
}

function ProblemCard({ alike }: { readonly alike: Alike }) {
  const { problem } = alike;
  return (
    <article class={problem.state === 'inconclusive' ? 'problem unsure-edge' : 'problem'}>
      <h3>
        <Words of={headline(problem)} />
      </h3>
      <p class="todo">
        <strong>What to do:</strong> <Own of={problem.todo} />
      </p>
      <dl>
        {facts(alike).map(([what, text]) => (
          <>
            <dt>{what}</dt>
            <dd>
              <Words of={text} />
            </dd>
          </>
        ))}
      </dl>
      {problem.evidence !== null && (
        <>
          <p class="quiet">What was seen:</p>
          <pre>
            <bdi>{visibleLines(problem.evidence)}</bdi>
          </pre>
        </>
      )}
    </article>
  );
}
