import { instant } from '../../domain/clock.ts';
import { type ExitCode, exitCodes } from '../../domain/errors.ts';
import { extendLease, nobodyWatches } from '../../forensics/hold/lease.ts';
import { releaseNow } from '../../runner/release.ts';
import type { App } from '../app.ts';
import { audited } from '../audited.ts';
import { eventLine } from '../view/record.ts';
import { durationOf, oneOf } from './freeze.ts';

export const releaseWays = ['resume', 'kill', 'quarantine', 'replace'] as const;

/** `pitwall release EVIDENCE|CONTAINER --to …`: moves a held container on. */
export async function releaseCommand(reference: string, flags: { readonly to: string }, app: App): Promise<ExitCode> {
  const { out } = app;
  const to = oneOf('--to', flags.to, releaseWays);
  const [deps, engines] = await Promise.all([app.runner({ onEvent: (event) => out.progress(eventLine(event)) }), app.engines()]);
  const by = { actor: app.actor, trigger: app.trigger };
  const act = { act: 'release', object: reference, data: { to } };
  const released = await audited(act, app, () => releaseNow(reference, to, by, engines, deps));
  out.data(released);
  out.line(`${released.hold.containerName}: ${released.outcome}`);
  for (const note of released.notes) out.warn(note);
  return exitCodes.ok;
}

/** `pitwall hold EVIDENCE --lease 24h`: from now on it is held for that long. */
export async function holdCommand(reference: string, flags: { readonly lease: string }, app: App): Promise<ExitCode> {
  const { out } = app;
  const leaseMs = durationOf('--lease', flags.lease);
  const [store, forensics] = await Promise.all([app.store(), app.forensics()]);
  const act = { act: 'hold', object: reference, data: { lease: flags.lease } };
  const hold = await audited(act, app, () => extendLease(reference, leaseMs, store, app.clock));
  await forensics.note(hold.evidenceId, `held until ${instant(hold.deadline)}`, app.actor);
  out.data(hold);
  out.line(`${hold.containerName} is held until ${instant(hold.deadline)} (then ${hold.onExpiry})`);
  const unwatched = nobodyWatches(store);
  if (unwatched !== null) out.warn(unwatched);
  return exitCodes.ok;
}
