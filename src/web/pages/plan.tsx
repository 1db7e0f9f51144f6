import { Mark } from '../parts/state.tsx';
import { Text } from '../parts/text.tsx';

/** What a run would do: a report for each engine of the drill, or why there is none. */
export type Plan = { readonly reports: readonly PlanReport[] } | { readonly refused: string; readonly hint: string | null };

/** As `pitwall plan --json` prints it. */
export interface PlanReport {
  readonly engine: string;
  readonly environment: string | null;
  readonly steps: readonly {
    readonly order: number;
    readonly targets: readonly { readonly name: string; readonly service: string | null; readonly image: string }[];
    readonly actions: readonly string[];
    readonly willBeDown: boolean;
  }[];
  readonly idle: readonly { readonly name: string; readonly outcome: string }[];
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
  readonly notes: readonly string[];
  readonly refusedNow: readonly string[];
}

export function PlanView({ plan }: { readonly plan: Plan }) {
  if ('reports' in plan) return plan.reports.map((report) => <Report of={report} />);
  return (
    <div class="problem">
      <p>
        There is no plan: <Text of={plan.refused} />
      </p>
      {plan.hint !== null && (
        <p>
          Try: <Text of={plan.hint} />
        </p>
      )}
    </div>
  );
}

function Report({ of: { engine, environment, steps, idle, leftOut, notes, refusedNow } }: { readonly of: PlanReport }) {
  return (
    <section class="plan">
      <h3>
        On <Text of={engine} /> <span class="quiet">{environment ?? 'no environment'}</span>
      </h3>
      {refusedNow.map((reason) => (
        <p>
          <Mark tone="unsure" word="a run would be refused now:" /> <Text of={reason} />
        </p>
      ))}
      {steps.length === 0 && <p>Nothing would be done.</p>}
      <ol>
        {steps.map(({ targets, actions, willBeDown }) => (
          <li>
            {targets.map(({ name, image }, i) => (
              <>
                {i > 0 && ' with '}
                <strong>
                  <Text of={name} />
                </strong>{' '}
                <span class="quiet">
                  <Text of={image} />
                </span>
              </>
            ))}{' '}
            {willBeDown && <Mark tone="unsure" word="will be down" />}
            <ul>
              {actions.map((action) => (
                <li>
                  <Text of={action} />
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
      <ul class="quiet">
        {idle.map(({ name, outcome }) => (
          <li>
            <Text of={name} />: <Text of={outcome} />
          </li>
        ))}
        {leftOut.map(({ name, reason }) => (
          <li>
            <Text of={name} />: left out, <Text of={reason} />
          </li>
        ))}
        {notes.map((note) => (
          <li>
            <Text of={note} />
          </li>
        ))}
      </ul>
    </section>
  );
}
