import type { Engine } from '../domain/engine.ts';
import { PitwallError } from '../domain/errors.ts';
import { checkLeases } from '../forensics/hold/check-leases.ts';
import { releaseNow } from './release.ts';

export interface LeaseReport {
  /** What was done, a sentence each. */
  readonly done: readonly string[];
  /** What somebody should look at: overdue, broken seals, what could not be done. */
  readonly notices: readonly string[];
}

export type LeaseDeps = Parameters<typeof releaseNow>[4];

/** Does what leases say whose time is over; with `watch` it also looks whether every held container is still frozen. */
export async function settleLeases(
  engines: readonly Engine[],
  deps: LeaseDeps,
  { watch }: { readonly watch: boolean },
): Promise<LeaseReport> {
  const news = await checkLeases(
    {
      ...deps,
      engines,
      carryOut: (hold, to, _engine, reason) =>
        releaseNow(hold.evidenceId, to, { actor: 'lease', trigger: 'schedule', reason }, engines, deps),
    },
    { watch },
  );
  const unwritten: string[] = [];
  for (const { kind, hold, sentence } of news) {
    if (kind !== 'closed') continue;
    try {
      await deps.evidence.note(hold.evidenceId, sentence, 'pitwall');
    } catch (error) {
      // it is said once, so a full disk must not keep it from being said
      if (!(error instanceof PitwallError)) throw error;
      unwritten.push(`${hold.evidenceId}: that could not be written to its custody log: ${error.message}`);
    }
  }
  return {
    done: news.flatMap(({ kind, sentence }) => (kind === 'carried-out' ? [sentence] : [])),
    notices: [...news.flatMap(({ kind, sentence }) => (kind === 'carried-out' ? [] : [sentence])), ...unwritten],
  };
}
