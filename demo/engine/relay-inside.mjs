/** The half of relay.mjs that runs in the engine's namespace: FOLDER PORT…, a socket in the folder for each port. */
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

const [folder, ...ports] = process.argv.slice(2);
for (const port of ports) {
  createServer((outside) => {
    const service = connect(Number(port), '127.0.0.1');
    for (const [from, to] of [
      [outside, service],
      [service, outside],
    ]) {
      from.pipe(to).on('error', () => from.destroy());
    }
  }).listen(join(folder, port));
}
