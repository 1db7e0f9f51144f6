import { formatPercent } from '../../domain/percent.ts';
import { rubric } from '../../scorecard/rubric.ts';

/** By which numbers the scorecard is computed: those of this version, which are the ones that it used. */
export function RubricView({ of }: { readonly of: string }) {
  return (
    <>
      <p>
        Rubric <strong>{of}</strong>, in force from {rubric.date}. Grades of different rubrics are not to be compared. The whole of it, with
        a worked example, is in Pitwall’s documentation: <code>docs/rubric.md</code>.
      </p>
      <dl class="facts">
        <dt>Weights</dt>
        <dd>{rubric.areas.map(({ area, weight }) => `${area} ${weight}`).join(', ')}</dd>
        <dt>Findings</dt>
        <dd>
          {Object.entries(rubric.weights)
            .map(([severity, weight]) => `${severity} ${weight}`)
            .join(', ')}
        </dd>
        <dt>Letters</dt>
        <dd>{rubric.letters.map(({ letter, from }) => `${letter} from ${formatPercent(from)}`).join(', ')}</dd>
        <dt>Caps</dt>
        <dd>{rubric.caps.map(({ rule, atMost }) => `${rule.replaceAll('-', ' ')}: at most ${atMost}`).join('; ')}</dd>
        <dt>Freshness</dt>
        <dd>
          Proof counts in full until it is one cadence old, then less and less; after {rubric.expiresAfter} cadences it proves nothing.
        </dd>
      </dl>
    </>
  );
}
