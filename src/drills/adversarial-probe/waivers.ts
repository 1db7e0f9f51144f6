import { z } from 'zod';
import { text } from '../../config/fields.ts';
import { suggestion } from '../../config/nearest.ts';
import { instant } from '../../domain/clock.ts';
import { InvalidError } from '../../domain/errors.ts';
import { probeIds } from '../../probes/probe-ids.ts';

export interface Waiver {
  readonly probe: string;
  /** Undefined: of every service. */
  readonly service?: string | undefined;
  readonly reason: string;
  readonly owner: string;
  /** `2027-01-31`: the last day, UTC. */
  readonly until: string;
}

const dayMs = 86_400_000;
const mostDays = 90;

export function waiverSchema(): z.ZodType<Waiver> {
  return z.strictObject({
    probe: z
      .string()
      .superRefine((value, ctx) => {
        if (!probeIds.includes(value)) ctx.addIssue({ code: 'custom', message: `is no probe${shortened(suggestion(value, probeIds))}` });
      })
      .describe('Id of the probe.'),
    service: text().optional().describe('Name of the service; default: every service.'),
    reason: text().max(500).describe('Why it is accepted.'),
    owner: text().max(200).describe('Who answers for it.'),
    until: z.iso
      .date({ error: 'is not a date (try 2027-01-31)' })
      .describe('The last day on which it counts, UTC; at most 90 days away when a run begins.'),
  });
}

function shortened(text: string): string {
  return text.startsWith(' (did') ? text : ' (pitwall probes lists them)';
}

/** UTC ms at which it ends. */
export function waivedUntil({ until }: Waiver): number {
  return Date.parse(`${until}T00:00:00Z`) + dayMs;
}

/** The one that covers a finding, if any: the longest of those that have not run out. */
export function waiverFor(probe: string, service: string | null, waivers: readonly Waiver[], now: number): Waiver | null {
  const covering = waivers.filter((waiver) => waiver.probe === probe && (waiver.service === undefined || waiver.service === service));
  return covering.filter((waiver) => waivedUntil(waiver) > now).toSorted((a, b) => waivedUntil(b) - waivedUntil(a))[0] ?? null;
}

/** Those that have run out count for nothing, and are said. */
export function expired(waivers: readonly Waiver[], now: number): string[] {
  return waivers
    .filter((waiver) => waivedUntil(waiver) <= now)
    .map(
      ({ probe, service, owner, until }) =>
        `the waiver of ${probe}${service === undefined ? '' : ` for ${service}`} by ${owner} ran out on ${until}`,
    );
}

/** @throws InvalidError when one is for longer than a waiver may be: nobody would look at it again. */
export function refuseTooLong(waivers: readonly Waiver[], now: number): void {
  for (const [index, waiver] of waivers.entries()) {
    if (waivedUntil(waiver) - now <= (mostDays + 1) * dayMs) continue;
    throw new InvalidError('waiver_too_long', `params.waivers[${index}].until: ${waiver.until} is more than ${mostDays} days away`, {
      hint: `at most ${instant(now + mostDays * dayMs).slice(0, 10)}; it can be renewed when it runs out`,
    });
  }
}

export function waiverNote({ reason, owner, until }: Waiver): string {
  return `waived until ${until} by ${owner}: ${reason}`;
}
