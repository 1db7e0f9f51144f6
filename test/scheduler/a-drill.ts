import type { Drill, Schedule, Window } from '../../src/domain/drill.ts';

/** A drill with the given schedule (default: hourly, in UTC), or on demand only. */
export function aDrill(name: string, schedule: Partial<Schedule> | null, window: Window | null = null): Drill {
  return {
    name,
    kind: 'reverse-uptime',
    description: null,
    schedule: schedule === null ? null : { cron: '0 * * * *', timezone: 'UTC', jitterMs: 0, missed: 'run-once', ...schedule },
    environments: ['staging'],
    targets: { labels: {}, compose: null, names: ['*'], images: null, networks: null, engines: null, pick: { all: true } },
    safety: { maxTargets: 10, minHealthy: null, timeoutMs: 60_000, abortIf: null, window },
    steadyState: [],
    params: {},
    objectives: {},
    source: { file: `${name}.yaml`, line: 1, text: '', definition: 'sha256:00' },
  };
}
