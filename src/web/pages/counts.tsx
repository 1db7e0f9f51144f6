import type { Counts as CountsOf } from '../../scorecard/scorecard.ts';
import { Mark, type Tone } from '../parts/state.tsx';

const tones: Readonly<Record<keyof CountsOf, Tone>> = {
  broken: 'bad',
  inconclusive: 'unsure',
  expired: 'unsure',
  waived: 'unsure',
  holds: 'good',
};

/** Absolute numbers beside the shares; those that are 0 are left out. */
export function Counts({ of }: { readonly of: CountsOf }) {
  const some = (Object.keys(tones) as (keyof CountsOf)[]).filter((what) => of[what] > 0);
  if (some.length === 0) return <span class="quiet">none</span>;
  return (
    <span class="counts">
      {some.map((what) => (
        <Mark tone={tones[what]} word={`${of[what]} ${what}`} />
      ))}
    </span>
  );
}
