import type { TargetRecord } from '../../domain/words.ts';
import { Table } from '../parts/table.tsx';
import { Text } from '../parts/text.tsx';

/** Those that were part of the run, and those that were not, by the reason. */
export function Targets({ targets, running }: { readonly targets: readonly TargetRecord[]; readonly running: boolean }) {
  const part = targets.filter(({ leftOut }) => leftOut === null);
  const out = targets.filter(({ leftOut }) => leftOut !== null);
  if (targets.length === 0) return null;
  return (
    <section>
      <h2>Targets</h2>
      {part.length > 0 && (
        <Table
          caption="Targets and what became of them"
          head={['Target', 'Service', 'Outcome', 'Image', 'Container']}
          rows={part.slice(0, most).map(({ id, name, service, image, outcome }) => ({
            cells: [
              <Text of={name} />,
              service === null ? <span class="quiet">–</span> : <Text of={service} />,
              outcome === null ? <span class="quiet">{running ? 'not yet' : 'nothing was done'}</span> : <Text of={outcome} />,
              <Text of={image} />,
              <code>{id.slice(0, 12)}</code>,
            ],
          }))}
        />
      )}
      {part.length > most && <p class="quiet">and {part.length - most} more, in the record.</p>}
      {out.length > 0 && <LeftOut targets={out} />}
    </section>
  );
}

const most = 200;
const mostNamed = 30;

function LeftOut({ targets }: { readonly targets: readonly TargetRecord[] }) {
  const reasons = [...new Set(targets.map(({ leftOut }) => leftOut ?? ''))];
  return (
    <details id="left-out">
      <summary>
        <span class="num">{targets.length}</span> matched and were left out
      </summary>
      <dl class="left-out">
        {reasons.slice(0, mostNamed).map((reason) => {
          const own = targets.filter(({ leftOut }) => leftOut === reason);
          const more = own.length - mostNamed;
          return (
            <>
              <dt>
                <Text of={reason} />
              </dt>
              <dd>
                <Text
                  of={own
                    .slice(0, mostNamed)
                    .map(({ name }) => name)
                    .join(', ')}
                />
                {more > 0 && ` and ${more} more`}
              </dd>
            </>
          );
        })}
      </dl>
    </details>
  );
}
