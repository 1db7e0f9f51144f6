import { instant } from '../domain/clock.ts';
import { type ExitCode, exitCodes } from '../domain/errors.ts';
import type { App } from './app.ts';
import { audited } from './audited.ts';
import { durationOf, oneOf } from './freeze.ts';

export const releaseWays = ['resume', 'kill', 'quarantine', 'replace'] as const;

/** `pitwall release EVIDENCE|CONTAINER --to …`: moves a held container on. */
export async function releaseCommand(reference: string, flags: { readonly to: string }, app: App): Promise<ExitCode> {
  const { out } = app;
  const to = oneOf('--to', flags.to, releaseWays);
  const forensics = await app.forensics();
  await audited('release', reference, { to }, app);
  const released = await forensics.release(reference, to, app.actor);
  out.data(released);
  out.line(`${released.container}: ${released.outcome}`);
  for (const note of released.notes) out.warn(note);
  return exitCodes.ok;
}

/** `pitwall hold EVIDENCE --lease 24h`: from now on it is held for that long. */
export async function holdCommand(reference: string, flags: { readonly lease: string }, app: App): Promise<ExitCode> {
  const { out } = app;
  const leaseMs = durationOf('--lease', flags.lease);
  const forensics = await app.forensics();
  await audited('hold', reference, { lease: flags.lease }, app);
  const hold = await forensics.extend(reference, leaseMs, app.actor);
  out.data(hold);
  out.line(`${hold.containerName} is held until ${instant(hold.deadline)} (then ${hold.onExpiry})`);
  const unwatched = forensics.nobodyWatches();
  if (unwatched !== null) out.warn(unwatched);
  return exitCodes.ok;
}
