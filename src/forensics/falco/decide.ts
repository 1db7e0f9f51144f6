/** Whether an alert freezes a container: the rules of `policy.freeze`, the target's own opt-in, and what was frozen lately. */
import type { FreezeRule } from '../../config/config.ts';
import { formatDuration } from '../../domain/duration.ts';
import { isAtLeast } from '../../domain/priority.ts';
import { type Alert, quoted } from './alert.ts';
import type { FoundContainer } from './find-container.ts';
import { type FreezeHistory, hourMs } from './history.ts';

/** The same alert, and any other about the same container, within this time of a freeze changes nothing: it is being frozen. */
export const duplicateMs = 60_000;

export type No = { readonly decision: 'ignored' | 'duplicate' | 'refused'; readonly reason: string };
export type Decision = No | { readonly decision: 'freeze'; readonly rule: FreezeRule; readonly reason: string };

export interface Circumstances {
  /** As the alert calls it; null when it does not. */
  readonly namedAs: string | null;
  readonly found: FoundContainer;
  readonly history: FreezeHistory;
  /** The evidence that it is held frozen for already, or null. */
  readonly heldAs: string | null;
  /** Why no alert may freeze it, or null: its opt-in, `pitwall.skip`, and what Pitwall never touches. */
  whyNot(found: FoundContainer): string | null;
  /** UTC ms. */
  readonly now: number;
}

/** Those that the alert meets, in their order; what they ask of the container's labels is not yet looked at. */
export function rulesFor(alert: Pick<Alert, 'rule' | 'priority'>, rules: readonly FreezeRule[]): readonly FreezeRule[] {
  return rules.filter((rule) => rule.rule === alert.rule && (rule.priority === null || isAtLeast(alert.priority, rule.priority)));
}

/** @param rules of `rulesFor`; the first whose labels the container carries decides. */
export function decideFreeze(alert: Pick<Alert, 'rule' | 'priority'>, rules: readonly FreezeRule[], about: Circumstances): Decision {
  const { found, history, now } = about;
  const { container } = found;
  // Whoever names containers could otherwise have somebody else's frozen, or be taken for somebody else.
  if (about.namedAs !== null && about.namedAs !== container.name) {
    return refused(`the alert calls it ${quoted(about.namedAs)}, and container ${container.id.slice(0, 12)} is named ${container.name}`);
  }
  const rule = rules.find((one) => Object.entries(one.labels).every(([key, value]) => container.labels[key] === value));
  if (rule === undefined) return { decision: 'ignored', reason: `${container.name} does not carry the labels that the rule asks for` };
  const no = about.whyNot(found);
  if (no !== null) return refused(no);
  if (about.heldAs !== null) return { decision: 'duplicate', reason: `${container.name} is held frozen as evidence ${about.heldAs}` };
  const duplicate = whyDuplicate(container.id, history, now);
  if (duplicate !== null) return duplicate;
  const key = ruleKey(rule);
  const counted = history.begun().filter((freeze) => freeze.rule === key && freeze.at >= now - hourMs && !history.hasFailed(freeze));
  if (counted.length >= rule.maxPerHour) {
    return refused(`this rule has frozen ${counted.length} in the last hour, and may ${rule.maxPerHour}`);
  }
  return { decision: 'freeze', rule, reason: `rule ${quoted(rule.rule)} at priority ${alert.priority}` };
}

/** @param id of a container, or a beginning of it. */
export function whyDuplicate(id: string, history: FreezeHistory, now: number): No | null {
  const last = history.begun().findLast((freeze) => freeze.container.startsWith(id) && Math.abs(now - freeze.at) <= duplicateMs);
  if (last === undefined) return null;
  return { decision: 'duplicate', reason: `a freeze of this container was asked for ${formatDuration(Math.max(0, now - last.at))} ago` };
}

/** What tells a rule from others of the same name. */
export function ruleKey({ rule, priority, labels }: FreezeRule): string {
  return JSON.stringify([rule, priority, Object.entries(labels).sort()]);
}

function refused(reason: string): No {
  return { decision: 'refused', reason };
}
