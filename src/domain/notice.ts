/**
 * notice: what somebody should know although nobody asked: it is written once, with a key, and told to every hook that wants its type.
 * hook: where notices are sent, `notify` in `pitwall.yaml`. delivery: one notice on its way to one hook.
 */
export const noticeTypes = [
  'failed',
  'inconclusive',
  'error',
  'aborted',
  'refused',
  'residue',
  'proof-expiring',
  'lease-expiring',
  'lease-over',
  'hold-lost',
] as const;
export type NoticeType = (typeof noticeTypes)[number];

/** What is sent: a notice, or a test, which no `on` can name and nothing but `pitwall notify test` sends. */
export interface Message extends Omit<Notice, 'key' | 'type'> {
  readonly type: NoticeType | 'test';
}

/** What a hook gets that does not say: all but runs that a guard rail refused, which is what guard rails are for. */
export const noticesByDefault: readonly NoticeType[] = noticeTypes.filter((type) => type !== 'refused');

/** `json`: the notice as it is. `slack`: a text, as Slack, Mattermost and Rocket.Chat take it. */
export const hookFormats = ['json', 'slack'] as const;
export type HookFormat = (typeof hookFormats)[number];

export interface Notice {
  /** One thing is told once: whoever writes the same key again writes nothing. */
  readonly key: string;
  readonly type: NoticeType;
  /** UTC ms. */
  readonly at: number;
  /** The drill, the container, the service: what it is about, as people call it. */
  readonly subject: string | null;
  /** One sentence, on one line, without secrets. */
  readonly message: string;
  /** Ids and words for programs. */
  readonly data: Readonly<Record<string, string | number | null>>;
}
