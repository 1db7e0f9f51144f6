import type { Hold } from '../domain/evidence.ts';
import type { Notice, NoticeType } from '../domain/notice.ts';
import type { Db } from './db.ts';
import { type HoldRow, toHold } from './holds.ts';

export type DeliveryState = 'pending' | 'sent' | 'failed';

export interface StoredNotice extends Notice {
  readonly id: number;
}

export interface Delivery {
  readonly notice: StoredNotice;
  /** How often it was tried. */
  readonly attempts: number;
  /** UTC ms; null: not yet. */
  readonly firstTriedAt: number | null;
}

export interface DeliveryRecord {
  readonly hook: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** UTC ms of the next try of a pending one; of others when they were settled. */
  readonly nextAt: number;
  /** What came of the last try. */
  readonly note: string | null;
}

/** The outbox: what somebody should know, and how far it is on its way. */
export interface Notices {
  /** With a delivery to each hook, due at once. False when the key was told before. */
  add(notice: Notice, hooks: readonly string[]): boolean;
  /** Newest first, each with its deliveries; `limit` default 50. */
  list(limit?: number): (StoredNotice & { readonly deliveries: readonly DeliveryRecord[] })[];
  /** The hook's oldest notice that is due. */
  due(hook: string, now: number): Delivery | null;
  /** What came of a try; `triedAt` is UTC ms. */
  settle(
    noticeId: number,
    hook: string,
    outcome: { readonly state: DeliveryState; readonly triedAt: number; readonly nextAt: number; readonly note: string },
  ): void;
  /** Gives up on what waits for hooks that are not named. */
  keepHooks(hooks: readonly string[], now: number): number;
  /** Deliveries by hook and state, of notices that are still kept. */
  counts(): { readonly hook: string; readonly state: DeliveryState; readonly n: number }[];
  /** Up to where runs were looked at, for whoever writes notices; null: never. */
  bookmark(): string | null;
  setBookmark(text: string): void;
  /** Holds that ended since (UTC ms) without anybody letting go of them. */
  lostHolds(since: number): Hold[];
  /** Forgets notices from before (UTC ms) with their deliveries; never one that waits to be delivered. */
  forget(before: number): number;
}

interface Row {
  readonly id: number;
  readonly key: string;
  readonly type: NoticeType;
  readonly at: number;
  readonly subject: string | null;
  readonly message: string;
  readonly data: string | null;
}

const columns = 'notices.id, key, type, at, subject, message, data';
const bookmarkKey = 'notices-seen';

export function createNotices(db: Db): Notices {
  return {
    add: ({ key, type, at, subject, message, data }, hooks) =>
      db.transaction(() => {
        const { changes, id } = db.run(
          'INSERT INTO notices (key, type, at, subject, message, data) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
          key,
          type,
          at,
          subject,
          message,
          JSON.stringify(data),
        );
        if (changes === 0) return false;
        for (const hook of new Set(hooks))
          db.run("INSERT INTO notice_deliveries (notice, hook, state, next_at) VALUES (?, ?, 'pending', ?)", id, hook, at);
        return true;
      }),
    list: (limit = 50) =>
      db.all<Row>(`SELECT ${columns} FROM notices ORDER BY id DESC LIMIT ?`, limit).map((row) => ({
        ...asNotice(row),
        deliveries: db.all<DeliveryRecord>(
          'SELECT hook, state, attempts, next_at AS nextAt, note FROM notice_deliveries WHERE notice = ? ORDER BY hook',
          row.id,
        ),
      })),
    due(hook, now) {
      const row = db.get<Row & Omit<Delivery, 'notice'>>(
        `SELECT ${columns}, attempts, first_tried_at AS firstTriedAt FROM notice_deliveries INDEXED BY notice_deliveries_due JOIN notices ON notices.id = notice
         WHERE state = 'pending' AND next_at <= ? AND hook = ? ORDER BY notices.id LIMIT 1`,
        now,
        hook,
      );
      if (row === undefined) return null;
      const { attempts, firstTriedAt, ...notice } = row;
      return { notice: asNotice(notice), attempts, firstTriedAt };
    },
    settle: (noticeId, hook, { state, triedAt, nextAt, note }) =>
      void db.run(
        `UPDATE notice_deliveries SET state = ?, first_tried_at = coalesce(first_tried_at, ?), next_at = ?, note = ?, attempts = attempts + 1
         WHERE notice = ? AND hook = ? AND state = 'pending'`,
        state,
        triedAt,
        nextAt,
        note,
        noticeId,
        hook,
      ),
    keepHooks: (hooks, now) =>
      db.run(
        `UPDATE notice_deliveries SET state = 'failed', next_at = ?, note = 'the configuration has no such hook any more'
         WHERE state = 'pending' AND hook NOT IN (SELECT value FROM json_each(?))`,
        now,
        JSON.stringify(hooks),
      ).changes,
    counts: () =>
      db.all<{ hook: string; state: DeliveryState; n: number }>(
        'SELECT hook, state, count(*) AS n FROM notice_deliveries GROUP BY hook, state',
      ),
    bookmark: () => db.get<{ value: string }>('SELECT value FROM meta WHERE key = ?', bookmarkKey)?.value ?? null,
    setBookmark: (text) =>
      void db.run('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value', bookmarkKey, text),
    lostHolds: (since) =>
      db
        .all<HoldRow>(
          `SELECT * FROM holds WHERE state = 'released' AND ended_at >= ?
           AND (ending LIKE 'seal broken%' OR ending IN ('gone', 'ended when it was resumed')) ORDER BY ended_at`,
          since,
        )
        .map(toHold),
    forget: (before) =>
      db.run(
        `DELETE FROM notices WHERE at < ?
         AND NOT EXISTS (SELECT 1 FROM notice_deliveries WHERE notice = notices.id AND state = 'pending')`,
        before,
      ).changes,
  };
}

function asNotice({ data, ...row }: Row): StoredNotice {
  return { ...row, data: data === null ? {} : (JSON.parse(data) as Notice['data']) };
}
