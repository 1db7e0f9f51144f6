/** Stored text that would like to drive a terminal, on one. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fillStore } from '../browser/filled-store.ts';
import { hostile } from '../browser/hostile.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const run = promisify(execFile);

let own: Pitwall;
let filled: ReturnType<typeof fillStore>;
beforeAll(() => {
  own = pitwall();
  own.file('pitwall.yaml', 'drills: [none]\n');
  own.file('none/.keep', '');
  filled = fillStore(join(own.home, 'pitwall.db'), Date.now());
});
afterAll(() => own[Symbol.dispose]());

/** On a terminal of its own, by util-linux's script. */
async function onTerminal(args: readonly string[]): Promise<string> {
  const { stdout } = await run('script', ['-qec', [process.execPath, main, ...args].join(' '), '/dev/null'], {
    cwd: own.home,
    env: { ...process.env, CI: '', NO_COLOR: '', TERM: 'xterm', PITWALL_HOME: own.home },
  });
  return stdout;
}

test.each([
  ['runs', () => ['runs', '--limit', '20']],
  ['show', () => ['show', filled.runs.hostile, '--events']],
  ['scorecard', () => ['scorecard']],
  ['evidence show', () => ['evidence', 'show', filled.evidence]],
])('%s: nothing of it gets there, and our own colours do', async (_, args) => {
  const text = await onTerminal(args());
  expect(text).toContain('\u001b[');
  const foreign = hostile.ansi.slice(0, 'x[31mred'.length);
  expect(text).not.toContain(foreign);
  expect(text).toContain(foreign.replace('\u001b', '\ufffd'));
  expect(text.replaceAll(/\p{Cc}\[(?:1|22|3[1-39]|90)m|[\t\r\n]/gu, '')).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
});
