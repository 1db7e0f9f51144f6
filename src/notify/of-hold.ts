import { instant } from '../domain/clock.ts';
import { formatDuration } from '../domain/duration.ts';
import type { Hold } from '../domain/evidence.ts';
import type { Notice, NoticeType } from '../domain/notice.ts';

type Told = Notice & { readonly types: readonly NoticeType[] };

/** Said this long before a lease is over, or at the last quarter of a short one. */
const soonMs = 30 * 60_000;
const dayMs = 86_400_000;

/** Of a container that is held now: that its lease ends soon, once for each deadline; that it is over, at once and then daily. */
export function holdNotices(hold: Hold, now: number): Told[] {
  const { deadline, containerName: name, evidenceId } = hold;
  const then = { notify: 'it stays frozen', resume: 'it is resumed', kill: 'it is killed', replace: 'it is replaced' }[hold.onExpiry];
  if (deadline > now) {
    if (deadline - now > Math.min(soonMs, (deadline - hold.since) / 4)) return [];
    return [
      told(hold, 'lease-expiring', {
        key: `lease-expiring ${evidenceId} ${deadline}`,
        at: now,
        message: `${name} (${evidenceId}) is held frozen until ${instant(deadline)}; then ${then}`,
      }),
    ];
  }
  const late = now - deadline;
  // what the lease says is carried out within moments, and then there is nothing to tell
  if (hold.onExpiry !== 'notify' && late < 60_000) return [];
  const since = late < 60_000 ? '' : `, for ${formatDuration(Math.floor(late / 60_000) * 60_000)}`;
  return [
    told(hold, 'lease-over', {
      key: `lease-over ${evidenceId} ${deadline} ${Math.floor(late / dayMs)}`,
      at: now,
      message: `${name} (${evidenceId}) is still held frozen, and its lease is over${since}; pitwall release or pitwall hold`,
    }),
  ];
}

/** Of a hold that ended without anybody letting go: somebody else thawed, ended or removed the container. */
export function lostNotice(hold: Hold): Told {
  return told(hold, 'hold-lost', {
    key: `hold-lost ${hold.evidenceId}`,
    at: hold.endedAt ?? hold.since,
    message: `${hold.containerName} (${hold.evidenceId}) is not held any more: ${hold.ending ?? 'gone'}; the evidence stays`,
  });
}

function told(hold: Hold, type: NoticeType, { key, at, message }: Pick<Notice, 'key' | 'at' | 'message'>): Told {
  return {
    key,
    type,
    types: [type],
    at,
    subject: hold.containerName,
    message,
    data: {
      evidence: hold.evidenceId,
      container: hold.containerName,
      engine: hold.engine,
      since: instant(hold.since),
      deadline: instant(hold.deadline),
      onExpiry: hold.onExpiry,
    },
  };
}
