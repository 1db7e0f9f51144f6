/** A scheduler of its own process on the database in argv, with real time: two drills, each second. Prints each run that it opened. */
import { ulid } from 'ulid';
import { systemClock } from '../../../src/clock.ts';
import { startScheduler } from '../../../src/scheduler/scheduler.ts';
import { openStore } from '../../../src/store/open.ts';
import { aDrill } from '../a-drill.ts';

const store = openStore({ path: process.argv[2] ?? '', clock: systemClock });
const processId = store.processes.register('command').id;
const drills = ['even', 'odd'].map((name) => aDrill(name, { cron: '* * * * * *', timezone: 'Europe/Berlin' }));
const note = (fields: Readonly<Record<string, unknown>>, message: string) =>
  void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
const engine = { name: 'local', id: 'E', version: null, environment: 'local' };

startScheduler({
  store,
  clock: systemClock,
  processId,
  drills: () => drills,
  async start(drill, slot) {
    const id = ulid();
    const nature = { kind: drill.kind, trigger: 'schedule', actor: 'schedule', seed: 's', definition: 'sha256:00' } as const;
    store.runs.open({ id, drill: drill.name, engine, processId, slot: slot.instant, ...nature });
    process.stdout.write(`${drill.name} ${slot.instant}\n`);
    store.runs.end(id, { verdict: 'passed', reason: '', exitCode: 0, residue: [] });
  },
  log: { info: () => {}, warn: note, error: note },
});
process.stdout.write('ready\n');
