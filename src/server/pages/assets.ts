/** Styles and scripts: read once, served under the hash of them all. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Assets } from '../../web/assets.ts';

export interface LoadedAssets extends Assets {
  readonly hash: string;
  readonly files: ReadonlyMap<string, Asset>;
}

export interface Asset {
  readonly type: string;
  readonly content: string;
}

/** Beside `src` and `dist` alike. */
const folder = fileURLToPath(new URL('../../../assets/', import.meta.url));

export function loadAssets(): LoadedAssets {
  const files = new Map<string, Asset>([
    ['pitwall.css', { type: 'text/css; charset=utf-8', content: styles() }],
    ['icon.svg', { type: 'image/svg+xml', content: readFileSync(join(folder, 'icon.svg'), 'utf8') }],
    ['idiomorph.js', { type: script, content: idiomorph() }],
  ]);
  const own = readdirSync(folder).filter((name) => name.endsWith('.js'));
  for (const name of own.toSorted()) files.set(name, { type: script, content: readFileSync(join(folder, name), 'utf8') });
  const sum = createHash('sha256');
  for (const [name, { content }] of files) sum.update(`${name}\n${content.length}\n${content}`);
  const hash = sum.digest('hex').slice(0, 16);
  const at = (name: string) => `/assets/${hash}/${name}`;
  return { hash, files, style: at('pitwall.css'), icon: at('icon.svg'), scripts: own.toSorted().map(at) };
}

const script = 'text/javascript; charset=utf-8';

/** `base.css` first: the others use its colours. */
function styles(): string {
  const css = join(folder, 'css');
  const names = readdirSync(css).filter((name) => name.endsWith('.css') && name !== 'base.css');
  return ['base.css', ...names.toSorted()].map((name) => readFileSync(join(css, name), 'utf8')).join('\n');
}

/** The package's small file is for a page's global scope; a module of ours has to import it. */
function idiomorph(): string {
  const file = createRequire(import.meta.url).resolve('idiomorph/dist/idiomorph.min.js');
  return `${readFileSync(file, 'utf8')}\nexport { Idiomorph };\n`;
}
