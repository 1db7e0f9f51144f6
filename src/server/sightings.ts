import { whyOutOfScope } from '../access/scope.ts';
import type { Caller } from '../access/tokens.ts';
import { marksIn } from '../domain/mark.ts';
import type { Store } from '../store/store.ts';

export interface Sightings {
  /** Notes an alert in every run that goes on, is in the sender's scope and whose mark its text holds; how many. `rule`: its name, as its sender says. */
  note(text: string, rule: string, sender: Pick<Caller, 'name' | 'scope'>): number;
}

/** A storm of alerts is no storm of rows. */
const mostOfARule = 20;
const mostInAnAlert = 20;
const mostMarks = 1_000;

/** What a detection drill waits for: each is an event of its run, which every process sees. */
export function sightings(store: Pick<Store, 'runs' | 'events'>): Sightings {
  const noted = new Map<string, number>();
  const open = (runId: string, { scope }: Pick<Caller, 'scope'>) => {
    const run = store.runs.record(runId);
    return run !== null && run.verdict === null && whyOutOfScope(scope, { drill: run.drill, engine: run.engine.name }) === null;
  };
  return {
    note(text, rule, sender) {
      let count = 0;
      for (const { mark, runId } of marksIn(text).slice(0, mostInAnAlert)) {
        const key = `${mark} ${rule}`;
        const before = noted.get(key) ?? 0;
        if (before >= mostOfARule || !open(runId, sender)) continue;
        if (noted.size >= mostMarks) noted.clear();
        noted.set(key, before + 1);
        store.events.add(runId, 'alert', null, `${sender.name} sent ${JSON.stringify(rule.slice(0, 200))}`, {
          mark,
          rule: rule.slice(0, 200),
        });
        count += 1;
      }
      return count;
    },
  };
}
