import type { Drill, Schedule } from '../domain/drill.ts';
import { type Calendar, createCalendar } from './calendar.ts';
import { createZone, type Zone } from './zone.ts';

/** A scheduled drill of the current catalogue. */
export interface Plan {
  /** As it is in the catalogue now. */
  drill: Drill;
  readonly schedule: Schedule;
  /** What makes it another schedule; the jitter and what to do about missed slots may change without beginning anew. */
  readonly fingerprint: string;
  readonly calendar: Calendar;
  /** UTC ms of the next instant; null while the ledger was not asked. Infinity: none any more. */
  next: number | null;
}

export interface Agenda {
  readonly plans: ReadonlyMap<string, Plan>;
  /** Takes over the catalogue; true when a schedule came, went or changed. */
  update(catalogue: readonly Drill[]): boolean;
}

/** `broken` is told of a schedule that cannot be read, once; the drill then has no plan. */
export function createAgenda(broken: (drill: Drill, error: unknown) => void): Agenda {
  const plans = new Map<string, Plan>();
  const zones = new Map<string, Zone>();
  const refused = new Map<string, string>();
  let last: readonly Drill[] | undefined;

  const planFor = (drill: Drill, schedule: Schedule, fingerprint: string): Plan | null => {
    try {
      const zone = zones.get(schedule.timezone) ?? createZone(schedule.timezone);
      zones.set(schedule.timezone, zone);
      return { drill, schedule, fingerprint, calendar: createCalendar(schedule.cron, zone), next: null };
    } catch (error) {
      if (refused.get(drill.name) !== fingerprint) broken(drill, error);
      refused.set(drill.name, fingerprint);
      return null;
    }
  };

  return {
    plans,
    update(catalogue) {
      if (catalogue === last) return false;
      last = catalogue;
      let changed = false;
      const gone = new Set(plans.keys());
      for (const drill of catalogue) {
        if (drill.schedule === null) continue;
        const fingerprint = `${drill.schedule.cron} ${drill.schedule.timezone}`;
        const known = plans.get(drill.name);
        const plan =
          known?.fingerprint === fingerprint ? { ...known, drill, schedule: drill.schedule } : planFor(drill, drill.schedule, fingerprint);
        if (plan === null) continue;
        gone.delete(drill.name);
        plans.set(drill.name, plan);
        changed ||= plan.next === null;
      }
      for (const name of gone) plans.delete(name);
      return changed || gone.size > 0;
    },
  };
}
