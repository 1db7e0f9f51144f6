import { formatDuration } from '../../domain/duration.ts';
import type { Hold } from '../../domain/evidence.ts';
import { Mark } from './state.tsx';

/** How a hold stands: `frozen, 3 h 20 m left`. */
export function HoldState({ hold, now }: { readonly hold: Hold; readonly now: number }) {
  if (hold.state === 'released') return <span class="quiet">released</span>;
  const left = hold.deadline - now;
  const what = words[hold.state];
  return left >= 0 ? (
    <Mark tone="live" word={`${what}, ${formatDuration(left)} left`} />
  ) : (
    <Mark tone="bad" word={`${what}, overdue by ${formatDuration(-left)}`} />
  );
}

const words = { freezing: 'being frozen', held: 'frozen', quarantined: 'frozen, cut off' } as const;

/** What a lease does when its time is over, in words. */
export const onExpiryText = {
  notify: 'it stays frozen, and it is said that it is overdue',
  resume: 'it runs on',
  kill: 'it is ended',
  replace: 'a fresh one takes its place',
} as const;
