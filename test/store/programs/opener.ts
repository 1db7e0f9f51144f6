/** Opens the database in argv as soon as the file in argv appears, and prints whose it is. */
import { existsSync } from 'node:fs';
import { systemClock } from '../../../src/clock.ts';
import { openStore } from '../../../src/store/open.ts';

const [path = '', gate = ''] = process.argv.slice(2);
process.stdout.write('ready\n');
while (!existsSync(gate)) await systemClock.sleep(1);
const store = openStore({ path, clock: systemClock });
store.processes.register('command');
process.stdout.write(`${store.instanceId}\n`);
store.close();
