import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../lib/run.mjs';
import { hasDebianTools } from './archive.mjs';
import { unpackPackages } from './packages.mjs';
import { libraryFolder, relocate } from './relocate.mjs';
import { relocationTools } from './tools.mjs';

/**
 * A Chromium that renders without a screen, and fonts for it: PITWALL_TEST_CHROMIUM; else Debian 13's, made to run from the cache; else the one
 * that this machine has. Nothing is installed, and no rights are needed. The first time takes 165 MB from the archive and 330 MB of the cache.
 *
 * @param {{ log?: (line: string) => void }} [options]
 * @returns {Promise<{ path: string } | { missing: string }>} `missing`: why there can be none here
 */
export async function findChromium({ log } = {}) {
  if (process.env.PITWALL_TEST_CHROMIUM) return { path: process.env.PITWALL_TEST_CHROMIUM };
  const installed = INSTALLED.find(existsSync);
  if (!(await hasDebianTools())) {
    return installed ? { path: installed } : { missing: 'this machine has no Chromium, and no apt to fetch it with' };
  }
  try {
    const tools = await relocationTools({ log });
    const root = await unpackPackages('trixie', PACKAGES, { log, finish: (at, final) => finishChromium(at, final, tools) });
    return { path: join(root, LAUNCHER) };
  } catch (error) {
    // Any other failure is one: a machine that reaches the archive can have it.
    if (!UNREACHABLE.test(error.message)) throw error;
    return installed ? { path: installed } : { missing: 'this machine has no Chromium, and does not reach the Debian archive that has it' };
  }
}

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser'];
const LAUNCHER = 'pitwall/bin/chromium';
const PACKAGES = ['chromium-headless-shell', 'fonts-dejavu-core', 'fonts-liberation'];
const UNREACHABLE = /could not (resolve|connect)|temporary failure resolving|network is unreachable|connection timed out/i;

async function finishChromium(root, final, tools) {
  const program = 'usr/lib/chromium/chromium-headless-shell';
  await relocate({ root, final, tools, files: [program] });
  await prune(root);
  mkdirSync(join(root, 'pitwall/bin'), { recursive: true });
  writeFileSync(join(root, FONTS), fontSettings(final));
  const library = join(final, libraryFolder(root));
  // By environment too: the sound library names a folder of its own, and what names one is not looked for where the program says.
  const env = `LD_LIBRARY_PATH='${library}:${library}/pulseaudio' FONTCONFIG_FILE='${join(final, FONTS)}'`;
  writeFileSync(join(root, LAUNCHER), `#!/bin/sh\n${env} exec '${join(final, program)}' "$@"\n`);
  chmodSync(join(root, LAUNCHER), 0o755);
}

/** What draws on graphics cards, which no test has, and what people read. */
async function prune(root) {
  const library = libraryFolder(root);
  const unused = ['libLLVM*', 'libgallium*', 'libz3*', 'gconv'].map((name) => join(library, name));
  const texts = ['doc', 'man', 'locale', 'X11/locale', 'info'].map((name) => join('usr/share', name));
  await run('/bin/sh', ['-c', `cd "$1" && rm -rf ${[...unused, ...texts, 'usr/lib/chromium/libVk*'].join(' ')}`, 'sh', root]);
}

const FONTS = 'pitwall/fonts.conf';

function fontSettings(final) {
  const prefer = (family, font) => `<alias><family>${family}</family><prefer><family>${font}</family></prefer></alias>`;
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${final}/usr/share/fonts</dir>
  <cachedir>${final}/pitwall/font-cache</cachedir>
  ${prefer('sans-serif', 'Liberation Sans')}${prefer('system-ui', 'Liberation Sans')}
  ${prefer('monospace', 'DejaVu Sans Mono')}${prefer('serif', 'Liberation Serif')}
</fontconfig>
`;
}
