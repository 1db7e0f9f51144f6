import { instant } from '../domain/clock.ts';
import type { HookFormat, Message } from '../domain/notice.ts';

/** What is sent, as text: the signature is of exactly these bytes. `id` is the same at every try. */
export function bodyOf(notice: Message, id: string, format: HookFormat): string {
  const { type, at, subject, message, data } = notice;
  return JSON.stringify(format === 'slack' ? slack(notice) : { id, type, at: instant(at), subject, message, data });
}

/**
 * https://docs.slack.dev/messaging/formatting-message-text: `&`, `<` and `>` are all that starts a mention or a link there. Others that take
 * the same form read `@here` and `[text](address)` as well, so those are broken by a character of no width.
 */
function slack({ type, message }: Pick<Message, 'type' | 'message'>): object {
  return { text: `*Pitwall: ${type}*\n${plain(message)}`, mrkdwn: true, unfurl_links: false, unfurl_media: false, link_names: 0 };
}

function plain(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/@(?=\w)/g, '@\u200b')
    .replace(/\](?=\()/g, ']\u200b')
    .replace(/([*_~`])/g, '\u200b$1\u200b');
}
