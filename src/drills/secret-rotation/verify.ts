import type { Deliveries } from './deliveries.ts';
import { waitFor } from './settled.ts';
import type { OldSession, Rotation, SystemScope } from './system.ts';
import { type Attackers, lastSaid } from './tracks.ts';

export interface VerifyOptions {
  readonly plan: SystemScope['plan'];
  readonly attack: Attackers;
  readonly scope: SystemScope;
  /** ms */
  readonly within: number;
}

/**
 * Whether everybody has the new one: it is let in everywhere, each consumer's own view of its file has it, and, in plan `planned`, no consumer has a session of the
 * old one any more. A sentence for each that has not, by then.
 */
export async function verify(
  rotation: Rotation,
  deliveries: Deliveries,
  { plan, attack, scope, within }: VerifyOptions,
): Promise<readonly string[]> {
  const { clock, signal } = scope;
  await rotation.verify?.();
  const fresh = attack.tracks.filter(({ credential }) => credential === 'new');
  const letIn = () => fresh.every(({ samples }) => lastSaid(samples())?.answer === 'accepted');
  const problems: string[] = [];
  if (!(await waitFor(letIn, { ms: within, clock, signal }))) {
    const not = fresh
      .filter(({ samples }) => lastSaid(samples())?.answer !== 'accepted')
      .map(({ point, where }) => `${point} (from ${where})`);
    problems.push(`the new one is not let in at ${[...new Set(not)].join(', ')}`);
  }
  problems.push(...(await deliveries.unseen(within)));
  if (plan === 'leak' || problems.length > 0 || deliveries.addresses.size === 0) return problems;
  let kept: readonly string[] = [];
  await waitFor(
    async () => {
      kept = consumersOn((await rotation.sessionsLeft()) ?? [], deliveries, attack);
      return kept.length === 0;
    },
    { ms: within, clock, signal },
  );
  for (const service of kept)
    deliveries.blame(service, 'it keeps connections that were opened with the old one: a pool that is not renewed');
  return kept.map((service) => `${service} keeps connections that were opened with the old one`);
}

/** Our attackers' own sessions come from the same addresses: one from each place to each point. */
function consumersOn(left: readonly OldSession[], { addresses }: Deliveries, { tracks }: Attackers): string[] {
  const found = new Set<string>();
  for (const [address, { service, name }] of addresses) {
    const ours = tracks.filter(({ credential, mode, where }) => credential === 'old' && mode === 'session' && where === name).length;
    if (left.filter(({ client }) => client === address).length > ours) found.add(service);
  }
  return [...found];
}

export async function sessionsAfter(rotation: Rotation, { clock, signal }: SystemScope): Promise<readonly OldSession[] | null> {
  let left: readonly OldSession[] | null = null;
  // a server sees a moment later that our own attackers have gone
  await waitFor(
    async () => {
      left = await rotation.sessionsLeft();
      return left === null || left.length === 0;
    },
    { ms: 2_000, clock, signal },
  );
  return left;
}
