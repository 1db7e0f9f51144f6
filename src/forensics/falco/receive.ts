/**
 * From an alert to a freeze that has begun, or to the reason why there is none. What is decided stands in the audit log before anything is
 * done; what is not done is noted there once a minute for each reason, so that a storm of alerts is no storm of rows.
 */
import type { AuditEntry, AuditLog } from '../../access/audit.ts';
import { type Scope, whyOutOfScope } from '../../access/scope.ts';
import type { FreezeRule } from '../../config/config.ts';
import type { Clock } from '../../domain/clock.ts';
import { errorBody } from '../../domain/errors.ts';
import type { FreezeOrder } from '../../domain/evidence.ts';
import type { Store } from '../../store/store.ts';
import { type Alert, alertAsJson, quoted } from './alert.ts';
import { containerOf } from './container-of.ts';
import { type Decision, decideFreeze, duplicateMs, type No, ruleKey, rulesFor, whyDuplicate } from './decide.ts';
import { type AlertEngine, containerFinder, type FoundContainer } from './find-container.ts';
import { alertAct, freezeHistory } from './history.ts';
import { onceAMinute } from './once-a-minute.ts';

export interface AlertDeps {
  readonly rules: readonly FreezeRule[];
  readonly engines: readonly AlertEngine[];
  /** Why no alert may freeze it, or null when it may. */
  whyNot(found: Pick<FoundContainer, 'engine' | 'container'>): string | null;
  readonly holds: Pick<Store['holds'], 'of'>;
  readonly audit: AuditLog;
  readonly clock: Clock;
  /** Resolves as soon as the run's row exists; the freeze goes on by itself. */
  start(
    order: FreezeOrder,
    who: { readonly actor: string; readonly trigger: 'webhook'; readonly scope: Scope },
  ): Promise<{ readonly id: string }>;
  /** A freeze that could not begin, after its sender had its answer. */
  onFailure(error: unknown): void;
}

export interface AlertSender {
  /** The token's name and role, and where it came from: `api 127.0.0.1`. */
  readonly name: string;
  readonly role: string;
  readonly source: string;
  /** What its token may have frozen. */
  readonly scope: Scope;
}

export type AlertAnswer =
  | No
  /** `run` is null when it takes longer than a sender waits until there is one. */
  | { readonly decision: 'freeze'; readonly reason: string; readonly container: string; readonly run: string | null };

/** Falco gives an output 2 s before it complains. */
const patienceMs = 1_000;

/** The function rejects with EngineError when no engine could say which container it is, and with the refusal when the freeze could not begin. */
export function alertReceiver(deps: AlertDeps): (alert: Alert, sender: AlertSender) => Promise<AlertAnswer> {
  const { audit, clock } = deps;
  const find = containerFinder(deps.engines);
  const history = freezeHistory(audit, () => clock.now());
  const quietly = onceAMinute(clock, duplicateMs);

  const record = (alert: Alert, sender: AlertSender, object: string | null, data: NonNullable<AuditEntry['data']>) =>
    audit.record({
      who: sender.name,
      role: sender.role,
      act: alertAct,
      object,
      source: sender.source,
      data: { ...data, alert: quoted(alert.rule), priority: alert.priority },
    });

  function no(answer: No, alert: Alert, sender: AlertSender, object: string | null): No {
    const { decision, reason } = answer;
    const suppressed = quietly(JSON.stringify([decision, object, alert.rule.slice(0, 200)]));
    if (suppressed !== null) record(alert, sender, object, { decision, reason, ...(suppressed > 0 ? { repeated: suppressed } : {}) });
    return answer;
  }

  return async (alert, sender) => {
    const rules = rulesFor(alert, deps.rules);
    if (rules.length === 0) {
      const reason = `no rule of policy.freeze is for ${quoted(alert.rule)} at priority ${alert.priority}`;
      return no({ decision: 'ignored', reason }, alert, sender, null);
    }
    const named = containerOf(alert);
    if (!named.ok) return no({ decision: named.contradicts ? 'refused' : 'ignored', reason: named.reason }, alert, sender, null);
    const early = whyDuplicate(named.id, history(), clock.now());
    if (early !== null) return no(early, alert, sender, named.id.slice(0, 12));

    const answer = await find(named.id);
    if (answer.state !== 'found') {
      const none = { decision: 'ignored', reason: `no container that runs has the id ${named.id}` } as const;
      const reply: No = answer.state === 'none' ? none : { decision: 'refused', reason: answer.reason };
      return no(reply, alert, sender, named.id.slice(0, 12));
    }
    const { found } = answer;
    // From here to the row nothing is waited for: of two alerts at once, the second sees the first one's freeze.
    const decision: Decision = decideFreeze(alert, rules, {
      namedAs: named.name,
      found,
      history: history(),
      heldAs: deps.holds.of(found.engineId, found.container.id)?.evidenceId ?? null,
      whyNot: (one) =>
        deps.whyNot(one) ?? whyOutOfScope(sender.scope, { drill: null, engine: one.engine.name, container: one.container.name }),
      now: clock.now(),
    });
    const object = `${found.engine.name}/${found.container.name}`;
    if (decision.decision !== 'freeze') return no(decision, alert, sender, object);
    const { reason, rule } = decision;
    const row = record(alert, sender, object, {
      decision: 'freeze',
      reason,
      engineId: found.engineId,
      container: found.container.id,
      rule: ruleKey(rule),
    });
    const start = async () => {
      try {
        return await deps.start(orderOf(alert, rule, found), { actor: sender.name, trigger: 'webhook', scope: sender.scope });
      } catch (error) {
        record(alert, sender, object, { decision: 'failed', of: row.seq, reason: errorBody(error).error.message });
        throw error;
      }
    };
    const run = await withPatience(start(), clock, (error) => deps.onFailure(error));
    return { decision: 'freeze', reason, container: found.container.name, run: run?.id ?? null };
  };
}

function orderOf(alert: Alert, rule: FreezeRule, { engine, container }: FoundContainer): FreezeOrder {
  return {
    containers: [container.id],
    compose: null,
    label: null,
    engine: engine.name,
    reason: `Falco: ${rule.rule} (${alert.priority})`,
    disposition: rule.disposition,
    memory: rule.memory,
    volumes: false,
    leaseMs: rule.leaseMs,
    onExpiry: 'notify',
    force: false,
    alert: alertAsJson(alert),
  };
}

/** Null when it takes too long; what goes wrong after that is told to `late`. */
async function withPatience<T>(work: Promise<T>, clock: Clock, late: (error: unknown) => void): Promise<T | null> {
  const over = new AbortController();
  const tooLong = clock.sleep(patienceMs, over.signal).then(
    () => null,
    () => null,
  );
  try {
    const first = await Promise.race([work, tooLong]);
    if (first === null) work.catch(late);
    return first;
  } finally {
    over.abort();
  }
}
