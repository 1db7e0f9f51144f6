import type { Schedule as DrillSchedule } from '../../domain/drill.ts';
import { formatDuration } from '../../domain/duration.ts';
import { scheduleWords } from '../schedule-words.ts';
import { Text } from './text.tsx';

/** In words where there are short ones, always with the zone; the cron expression on pointing. */
export function Schedule({ of }: { readonly of: DrillSchedule | null }) {
  if (of === null) return <span class="quiet">on demand only</span>;
  const words = scheduleWords(of.cron);
  return (
    <span title={of.cron}>
      {words ?? (
        <code>
          <Text of={of.cron} />
        </code>
      )}{' '}
      <span class="quiet">
        <Text of={of.timezone} />
        {of.jitterMs > 0 && `, up to ${formatDuration(of.jitterMs)} later`}
      </span>
    </span>
  );
}
