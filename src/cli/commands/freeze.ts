import { parseDuration } from '../../domain/duration.ts';
import { type ExitCode, InvalidError } from '../../domain/errors.ts';
import {
  type Disposition,
  dispositions,
  type ExpiryPolicy,
  expiryPolicies,
  type FreezeOrder,
  type MemoryMode,
  memoryModes,
} from '../../domain/evidence.ts';
import { nobodyWatches } from '../../forensics/hold/lease.ts';
import { freezeNow } from '../../runner/freeze.ts';
import type { App } from '../app.ts';
import { audited } from '../audited.ts';
import { onSignals } from '../signals.ts';
import { caseLines } from '../view/evidence.ts';
import { eventLine, showRecord } from '../view/record.ts';

export interface FreezeFlags {
  readonly compose?: string;
  readonly label?: readonly string[];
  readonly engine?: string;
  readonly reason?: string;
  readonly disposition: string;
  readonly memory: string;
  readonly volumes?: boolean;
  readonly lease: string;
  readonly onExpiry: string;
  readonly force?: boolean;
}

/** `pitwall freeze CONTAINER…`: stops it dead, keeps disk and memory as evidence. */
export async function freezeCommand(containers: readonly string[], flags: FreezeFlags, app: App): Promise<ExitCode> {
  const { out } = app;
  const receivedAt = app.clock.monotonic();
  const order = orderOf(containers, flags);
  const deps = await app.runner({ onEvent: (event) => out.progress(eventLine(event)) });
  const engines = await app.engines();
  const { reason, disposition, force } = order;
  using signals = onSignals((text) => out.progress(text));
  const asked = { trigger: app.trigger, actor: app.actor, receivedAt, signal: signals.signal };
  const act = { act: 'freeze', object: describe(order), data: { reason, disposition, force } };
  const run = await audited(act, app, () => freezeNow(order, engines, asked, deps));
  out.data(run.record);
  out.line();
  showRecord(out, run.record);
  for (const result of run.cases) {
    for (const line of caseLines(out, result)) out.line(line);
    for (const note of result.notes) out.warn(note);
  }
  if (run.hint !== null) out.line(`try: ${run.hint}`);
  const unwatched = run.cases.some(({ evidence }) => evidence.hold !== null && evidence.hold.state !== 'released')
    ? nobodyWatches(deps.store)
    : null;
  if (unwatched !== null) out.warn(unwatched);
  return run.exitCode;
}

function orderOf(containers: readonly string[], flags: FreezeFlags): FreezeOrder {
  const label = flags.label === undefined ? null : Object.fromEntries(flags.label.map(labelOf));
  const ways = [containers.length > 0, flags.compose !== undefined, label !== null].filter(Boolean).length;
  if (ways !== 1) {
    throw new InvalidError('usage', ways === 0 ? 'say which container to freeze' : 'give either containers, --compose or --label', {
      hint: 'pitwall freeze web, pitwall freeze --compose shop, or pitwall freeze --label tier=web',
    });
  }
  if (flags.force && !flags.reason) throw new InvalidError('usage', '--force needs --reason "why"');
  return {
    containers: containers.length > 0 ? containers : null,
    compose: flags.compose ?? null,
    label,
    engine: flags.engine ?? null,
    reason: flags.reason ?? null,
    disposition: oneOf<Disposition>('--disposition', flags.disposition, dispositions),
    memory: oneOf<MemoryMode>('--memory', flags.memory, memoryModes),
    volumes: flags.volumes === true,
    leaseMs: durationOf('--lease', flags.lease),
    onExpiry: oneOf<ExpiryPolicy>('--on-expiry', flags.onExpiry, expiryPolicies),
    force: flags.force === true,
    alert: null,
  };
}

function labelOf(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidError('usage', `--label ${text}: expected KEY=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}

export function durationOf(option: string, text: string): number {
  const parsed = parseDuration(text);
  if (!parsed.ok) throw new InvalidError('usage', `${option} ${text} ${parsed.problem}`);
  if (parsed.value < 1_000) throw new InvalidError('usage', `${option} ${text}: expected a second or more (try 4h)`);
  return parsed.value;
}

export function oneOf<T extends string>(option: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw new InvalidError('usage', `${option} ${text}: expected ${allowed.join(', ')}`);
  return found;
}

function describe(order: FreezeOrder): string {
  if (order.containers !== null) return order.containers.join(', ');
  return (
    order.compose ??
    Object.entries(order.label ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(', ')
  );
}
