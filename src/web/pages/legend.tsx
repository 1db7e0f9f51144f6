import { Mark, type Tone } from '../parts/state.tsx';

const meanings: readonly (readonly [Tone, string, string])[] = [
  ['best', 'best', 'met, and the best time ever'],
  ['good', 'holds', 'proven, met, passed'],
  ['unsure', 'unsure', 'ageing, expired, inconclusive, waived or slower: not proven now'],
  ['bad', 'broken', 'a finding is broken, or an objective missed, and nobody has waived it'],
  ['live', 'running', 'goes on now'],
  ['quiet', 'never', 'never practised, refused, or does not apply'],
];

/** What the colours and their signs mean; those of a timing screen. */
export function Legend() {
  return (
    <details class="legend" id="legend">
      <summary>Legend</summary>
      <dl class="facts">
        {meanings.map(([tone, word, meaning]) => (
          <>
            <dt>
              <Mark tone={tone} word={word} />
            </dt>
            <dd>{meaning}</dd>
          </>
        ))}
      </dl>
      <p>
        A cell has its last time or its worst finding, the last five values with the objective as a dashed line, the best ever, the
        objective, days since it was practised, and how many of its questions hold, of all that were asked.
      </p>
    </details>
  );
}
