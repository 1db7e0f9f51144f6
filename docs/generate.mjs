// Writes the references from what the program itself says: the drill file's and the configuration's from their schemas, and the commands' from
// their help. `npm run docs`; the suite fails when what is committed differs.
import { writeFileSync } from 'node:fs';
import { generated } from '../dist/cli/references.js';
import { kinds } from '../dist/kinds.js';

for (const [path, text] of generated(kinds)) writeFileSync(new URL(`../${path}`, import.meta.url), text);
