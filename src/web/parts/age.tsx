import { formatDuration } from '../../domain/duration.ts';
import type { TargetRow } from '../target-row.ts';
import { Bar } from './bar.tsx';
import { Mark, type Tone } from './state.tsx';

/** From this part of its limit on a container is called due soon. */
const soon = 0.9;

/** A container's age held against its limit, by length and by words. */
export function Age({ row: { view, ageMs, used } }: { readonly row: TargetRow }) {
  const { limit } = view;
  if (limit === null) return <span class="quiet">no limit</span>;
  // its age is known, that of its processes is not
  if (used === null) return <span class="quiet">{formatDuration(limit.ms)} for its processes</span>;
  const tone: Tone = used >= 1 ? 'bad' : used >= soon ? 'unsure' : 'quiet';
  return (
    <span class="age">
      <Bar share={used} tone={tone} /> {word(used, limit.ms - ageMs, limit.ms, tone)}
    </span>
  );
}

function word(used: number, leftMs: number, limitMs: number, tone: Tone) {
  if (used >= 1) return <Mark tone={tone} word={`over by ${formatDuration(-leftMs)}`} />;
  if (used >= soon) return <Mark tone={tone} word={`due in ${formatDuration(leftMs)}`} />;
  return (
    <span class="num">
      {Math.floor(used * 100)}% of {formatDuration(limitMs)}
    </span>
  );
}
