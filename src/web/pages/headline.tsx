import type { Scorecard } from '../../scorecard/scorecard.ts';
import { Grade } from '../parts/grade.tsx';
import { Text } from '../parts/text.tsx';
import { shareText } from '../parts/value.tsx';

/** Grade, and always both numbers: how much of what was asked is proven, and how much was asked. */
export function Headline({ card: { grade, proven, coverage, caps, rubric } }: { readonly card: Scorecard }) {
  return (
    <section class="headline" aria-labelledby="grade">
      <h2 id="grade">Grade</h2>
      <p class="numbers">
        <a href="/scorecard">
          <Grade grade={grade} large />
        </a>
        <span class="number">
          <span class="num">{shareText(proven)}</span> Proven
        </span>
        <span class="number">
          <span class="num">{shareText(coverage)}</span> Coverage
        </span>
      </p>
      {caps.map(({ atMost, because }) => (
        <p>
          At most {atMost}: <Text of={because} />
        </p>
      ))}
      <p class="quiet">
        Rubric <a href="/scorecard#rubric">{rubric}</a>
      </p>
    </section>
  );
}
