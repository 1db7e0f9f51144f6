import type { Engine } from '../domain/engine.ts';
import { errorBody } from '../domain/errors.ts';
import type { Readiness, ReadyCheck } from '../server/deps.ts';
import type { Store } from '../store/store.ts';

const pingMs = 3_000;

/** What a load balancer or a person asks: does each engine answer, can the database be read, is every drill file good? */
export async function readiness(
  engines: readonly Engine[],
  store: Store,
  catalogue: () => { readonly drills: readonly unknown[]; readonly problems: readonly { readonly message: string }[] },
): Promise<Readiness> {
  const checks: ReadyCheck[] = await Promise.all(
    engines.map(async (engine) => {
      try {
        await engine.ping({ timeoutMs: pingMs });
        return { kind: 'engine' as const, name: engine.name, ok: true, message: 'answers' };
      } catch (error) {
        return { kind: 'engine' as const, name: engine.name, ok: false, message: errorBody(error).error.message };
      }
    }),
  );
  checks.push(database(store));
  const { drills, problems } = catalogue();
  checks.push({
    kind: 'catalogue',
    name: 'drills',
    ok: problems.length === 0,
    message: problems.length === 0 ? `${drills.length} drills` : problems.map((problem) => problem.message).join('; '),
  });
  // a broken drill file keeps its last good version, and is no reason to send people elsewhere
  return { ok: checks.every((check) => check.ok || check.kind === 'catalogue'), checks };
}

function database(store: Store): ReadyCheck {
  try {
    const halted = store.control.halted();
    return { kind: 'database', name: 'store', ok: true, message: halted === null ? 'readable' : `readable; halted by ${halted.by}` };
  } catch (error) {
    return { kind: 'database', name: 'store', ok: false, message: errorBody(error).error.message };
  }
}
