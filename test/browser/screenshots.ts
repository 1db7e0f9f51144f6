/**
 * `npm run screenshots -- [FOLDER]`: a picture of every page of the dashboard on a filled database, in light and dark, wide and on a phone.
 * Default folder: `reports/screenshots`. Needs a build and an engine in DOCKER_HOST.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findBrowser } from './chromium.ts';
import { openLab } from './lab.ts';
import { openStage } from './stage.ts';

const folder = process.argv[2] ?? 'reports/screenshots';
const shapes = { wide: { width: 1440, height: 900 }, phone: { width: 360, height: 740 } } as const;

const found = await findBrowser();
if ('missing' in found) {
  process.stderr.write(`error: ${found.missing}\n`);
  process.exit(1);
}
mkdirSync(folder, { recursive: true });
await using lab = await openLab(found.path);
await using stage = await openStage(lab);
let missed = 0;
for (const [shape, viewport] of Object.entries(shapes)) {
  await using visit = await lab.visit({ token: lab.filled.tokens.admin, viewport });
  const { page } = visit;
  for (const [name, path] of Object.entries(stage.pages)) {
    const answer = await page.goto(path);
    if (answer?.status() !== 200) {
      process.stderr.write(`${path} answered ${answer?.status()}\n`);
      missed += 1;
    }
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(folder, `${name}-${shape}-${colorScheme}.png`), fullPage: true });
    }
  }
}
process.stdout.write(`${Object.keys(stage.pages).length * 4 - missed * 2} pictures in ${folder}\n`);
process.exitCode = missed > 0 ? 1 : 0;
