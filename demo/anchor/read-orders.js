/** `--count` prints how many orders can be read; `--one` reads the first and says so by its exit code; `--burst N` reads it N times
 * at once and prints how often it was let. */
import { burst, read, readOne } from './orders.js';

if (process.argv.includes('--one')) process.exit((await readOne()) ? 0 : 1);
const at = process.argv.indexOf('--burst');
if (at > 0) console.log(await burst(Number(process.argv[at + 1])));
else console.log((await read()).length);
