/** Writes to the database in argv until it is killed. Prints each thing after the call that made it durable has returned. */
import { ulid } from 'ulid';
import { systemClock } from '../../../src/clock.ts';
import { openStore } from '../../../src/store/open.ts';

const store = openStore({ path: process.argv[2] ?? '', clock: systemClock });
const processId = store.processes.register('command').id;
const runId = ulid();
const engine = { name: 'local', id: 'E', version: null, environment: 'local' };
const nature = { kind: 'reverse-uptime', trigger: 'manual', actor: 'test', seed: 's', definition: 'sha256:00' } as const;
store.runs.open({ id: runId, drill: 'killed', engine, processId, ...nature });
const say = (...words: readonly (string | number)[]) => process.stdout.write(`${words.join(' ')}\n`);
say('instance', store.instanceId);
say('process', processId);
const journal = store.journal.forRun(runId, 'local', 'E');
for (let i = 1; ; i++) {
  const change = journal.open({ kind: 'recreate', target: `web-${i}`, data: { i } });
  say('open', change.record.id);
  change.step('stop');
  say('step', change.record.id);
  say('event', store.events.add(runId, 'stopped', `web-${i}`, 'x'.repeat(500)).seq);
  if (i % 2 === 0) {
    change.close('done');
    say('done', change.record.id);
  }
}
