import type { Logger } from 'pino';
import type { Engine } from '../../domain/engine.ts';
import type { RunnerDeps } from '../../runner/deps.ts';
import { hasOrphans, recover } from '../../runner/recover.ts';

type Recovery = Awaited<ReturnType<typeof recover>>;

/** Before anything begins: what runs of processes that are gone left half done is put back, and told. */
export async function recoverAtStart(engines: readonly Engine[], deps: RunnerDeps, log: Logger): Promise<void> {
  const recovery = await recover(engines, deps);
  tell(recovery, log);
  for (const sentence of recovery.notices) log.warn({ notice: true }, sentence);
  for (const engine of recovery.unreachable) log.error(`engine ${engine} could not be asked`);
}

/** A command beside `serve` may be killed too: what it left is settled within seconds, not at the next start. */
export async function settleOrphans(engines: readonly Engine[], deps: RunnerDeps, log: Logger): Promise<void> {
  if (hasOrphans(deps)) tell(await recover(engines, deps), log);
}

function tell({ done, residue }: Recovery, log: Logger): void {
  for (const sentence of done) log.info(sentence);
  for (const sentence of residue) log.error(sentence);
}
