/** `--count` prints how many orders can be read; `--one` reads the first and says so by its exit code. */
import { read, readOne } from './orders.js';

if (process.argv.includes('--one')) process.exit((await readOne()) ? 0 : 1);
console.log((await read()).length);
