import { z } from 'zod';
import { inspectIfThere } from '../../container/look.ts';
import { isPitwalls } from '../../container/own.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError } from '../../domain/errors.ts';
import type { ChangeHandler, Reconciled } from '../../domain/journal.ts';
import { labels } from '../../domain/target.ts';
import { runIn } from './operate.ts';

const who = z.object({
  id: z.string(),
  name: z.string(),
  /** Compose's, to find what has taken its place; null where it has none. */
  project: z.string().nullable(),
  service: z.string().nullable(),
});

/** A right that was taken away. Commands are the drill file's own, which hold no secret. */
const cutData = z.object({
  /** Where the undo runs. */
  at: who,
  undo: z.array(z.string()),
  /** Whose right it is, and how it shows that it has it. */
  app: who,
  operate: z.array(z.string()),
  timeout: z.number(),
  /** ms that an anchor may refuse for its rate. */
  patience: z.number(),
});
export type CutData = z.infer<typeof cutData>;
type Who = z.infer<typeof who>;

const pollMs = 500;
/** A command that was asked for shows by then. */
const showMs = 1_000;
const again = 'then run: pitwall recover';

/** Gives a right back, whatever the one who took it had got to. */
export const cutHandler: ChangeHandler = {
  kind: 'anchor-cut',
  reconcile: (change, context) => giveBack(cutData.parse(change.data), context, { inFlight: true }),
};

interface Hands {
  readonly engine: Engine;
  readonly clock: Clock;
  /** The undo's own deadline. */
  readonly signal: AbortSignal;
}

/**
 * Proven by reading back: the application can read again. `inFlight`: the cut may still be under way, for an engine goes through with a command
 * although the one who asked is gone. Throws when the engine is lost.
 */
export async function giveBack(data: CutData, hands: Hands, { inFlight }: { readonly inFlight: boolean }): Promise<Reconciled> {
  try {
    const settled = await undoAndRead(data, hands);
    if (!inFlight || settled.state === 'residue') return settled;
    await landed(data, hands);
    return await undoAndRead(data, hands);
  } catch (error) {
    if (error instanceof EngineError || !hands.signal.aborted) throw error;
    return left(`${data.app.name}: whether it has its right again was not seen within the time for it: ${again}`);
  }
}

/** Until no command runs where the right was cut, or for as long as one may take. */
async function landed({ at, timeout }: CutData, { engine, clock, signal }: Hands): Promise<void> {
  const until = clock.monotonic() + timeout;
  await clock.sleep(showMs, signal);
  while (clock.monotonic() < until) {
    const ids = (await inspectIfThere(engine, at.id))?.ExecIDs ?? [];
    const all = await Promise.all(ids.map((id) => engine.inspectExec(id)));
    if (!all.some((one) => one?.running === true)) return;
    await clock.sleep(pollMs, signal);
  }
}

async function undoAndRead(data: CutData, hands: Hands): Promise<Reconciled> {
  const { engine, clock, signal } = hands;
  const [at, app] = await Promise.all([standsFor(data.at, engine), standsFor(data.app, engine)]);
  if (at === null && app === null)
    return { state: 'undone', note: `${data.app.name} is gone, and so is ${data.at.name}, which had its right` };
  if (at === null || !at.running)
    return left(`${data.app.name}: its right may be cut, for ${data.at.name} does not run: start it, ${again}`);
  const undone = await runIn(at.id, data.undo, hands, { timeoutMs: data.timeout });
  if (undone.exitCode !== 0)
    return left(`${data.app.name}: cut.undo in ${data.at.name} failed (${undone.words}): give its right back, ${again}`);
  if (app === null || !app.running)
    return left(`${data.app.name}: cut.undo was run, but it does not run, so whether it can read again cannot be seen: start it, ${again}`);
  const until = clock.monotonic() + data.patience;
  for (;;) {
    const ran = await runIn(app.id, data.operate, hands, { timeoutMs: data.timeout });
    if (ran.exitCode === 0 && ran.count !== null && ran.count > 0)
      return { state: 'undone', note: `${data.app.name} has its right again: it can read ${ran.count} records` };
    if (clock.monotonic() > until)
      return left(`${data.app.name}: cut.undo was run, but it still reads nothing (${ran.words}): look at it, ${again}`);
    await clock.sleep(pollMs, signal);
  }
}

/** The container itself, or a running one of its service. Null when there is neither. */
async function standsFor(
  { id, project, service }: Who,
  engine: Engine,
): Promise<{ readonly id: string; readonly running: boolean } | null> {
  const itself = await inspectIfThere(engine, id);
  if (itself?.State.Running === true) return { id, running: true };
  const peers =
    project === null || service === null
      ? []
      : await engine.list({ labels: [`${labels.composeProject}=${project}`, `${labels.composeService}=${service}`] });
  const peer = peers.find((one) => one.state === 'running' && !isPitwalls(one.labels));
  if (peer !== undefined) return { id: peer.id, running: true };
  return itself === null ? null : { id, running: false };
}

function left(sentence: string): Reconciled {
  return { state: 'residue', residue: [sentence] };
}
