// Does nothing, weakly: see README.md. It keeps a file with a planted secret in its own layer and ends when told.
import { writeFileSync } from 'node:fs';

writeFileSync('/root/.pgpass', 'db:5432:shop:nobody:planted-and-worthless\n', { mode: 0o644 });
process.once('SIGTERM', () => process.exit(0));
setInterval(() => {}, 60_000);
