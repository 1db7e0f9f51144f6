import { formatDuration } from '../../domain/duration.ts';

export interface TimeProps {
  /** UTC ms, or ISO 8601. */
  readonly at: number | string;
  /** UTC ms; with it the time is told from now: `12 m ago`, `in 3 h`. Without it as the instant itself. */
  readonly now?: number;
}

export function Time({ at, now }: TimeProps) {
  const ms = typeof at === 'number' ? at : Date.parse(at);
  if (!Number.isFinite(ms)) return <span class="quiet">unknown</span>;
  const iso = new Date(ms).toISOString();
  return (
    <time dateTime={iso} title={iso}>
      {now === undefined ? instantText(ms) : agoText(ms, now)}
    </time>
  );
}

/** `2026-01-31 12:00:05 UTC` */
export function instantText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Rounded to one unit: a page that is a minute old must not look precise. */
export function agoText(ms: number, now: number): string {
  const away = Math.abs(now - ms);
  if (away < 1_000) return 'now';
  const text = oneUnit(away);
  return ms <= now ? `${text} ago` : `in ${text}`;
}

function oneUnit(ms: number): string {
  if (ms < 60_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} m`;
  if (ms < 48 * 3_600_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} d`;
}

/** Ms as people say it, in figures of one width. */
export function Duration({ ms }: { readonly ms: number | null }) {
  return ms === null ? <span class="quiet">–</span> : <span class="num">{formatDuration(ms)}</span>;
}
