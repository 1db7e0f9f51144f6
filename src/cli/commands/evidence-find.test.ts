import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { tempStore } from '../../../test/store/support.ts';
import { openAudit } from '../../access/audit.ts';
import { caseId, record, testHome } from '../../forensics/case/testkit.ts';
import { sealedCase } from '../../forensics/case/testkit-sealed.ts';
import { createForensics } from '../../forensics/create-forensics.ts';
import type { FoundText } from '../../forensics/find-text.ts';
import type { App } from '../app.ts';
import { createOutput } from '../output.ts';
import { execute } from '../program.ts';
import { evidenceFindCommand, textOf } from './evidence-find.ts';

/** A sealed case of two processes, `memory of 1 …` and `memory of 7 …`, of which it is known what was left out: the tmpfs. */
async function lab(json = false) {
  const home = await testHome();
  onTestFinished(() => home[Symbol.asyncDispose]());
  await sealedCase(home);
  const { store, clock } = tempStore();
  const { runId, container, reason, actor, trigger, disposition, memory } = record;
  const asked = { runId, container, reason, actor, trigger, disposition, memory, engine: 'local', engineId: 'E', requestedAt: clock.now() };
  store.evidence.open({ id: caseId, ...asked });
  const forensics = createForensics({
    store,
    clock,
    root: join(home.home, 'evidence'),
    home: home.home,
    registry: null,
    credentials: () => null,
    host: record.host,
    version: '0.1.0',
    actor: 'ada',
    engines: async () => [],
    helperImage: async () => '',
    newId: () => '',
  });
  const written: string[] = [];
  const stream = { isTTY: false, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
  const out = createOutput(json, { stdout: stream, stderr: stream, env: {} });
  const app = { out, actor: 'ada', store: async () => store, forensics: async () => forensics } as unknown as App;
  const find = (text: string) => evidenceFindCommand(caseId, text, app);
  const seal = (state: 'whole' | 'pruned') => store.evidence.update(caseId, { state });
  const custody = () => readFileSync(join(home.folder, 'custody.jsonl'), 'utf8').trim().split('\n');
  return { find, seal, custody, audit: () => openAudit(store).list(), said: () => written.join('') };
}

test('found is 0, and who searched is in custody and audit, but neither says for what', async () => {
  const { find, seal, custody, audit, said } = await lab();
  seal('whole');
  const before = custody().length;
  expect(await find('memory of 7')).toBe(0);
  expect(said()).toContain('7\tsh\tunknown\tunknown');
  const logs = `${custody().join('\n')} ${JSON.stringify(audit())}`;
  expect([custody().length, JSON.parse(custody().at(-1) ?? '').what, JSON.parse(custody().at(-1) ?? '').who]).toEqual([
    before + 1,
    'searched',
    'ada',
  ]);
  expect(audit().map(({ act, object, data }) => ({ act, object, data }))).toEqual([{ act: 'evidence find', object: caseId, data: null }]);
  expect([logs.includes('memory of'), said().includes('memory of 7')]).toEqual([false, false]);
});

test('not found is 3 where something was left out, with what; as JSON too', async () => {
  const { find, seal, said } = await lab(true);
  seal('whole');
  expect(await find('nowhere')).toBe(3);
  const found = JSON.parse(said()) as FoundText;
  expect(found.matches).toBe(0);
  expect(found.notSearched).toEqual(['tmpfs was not captured', 'deleted-files was not captured']);
});

test('a case that cannot be searched is 3, too: 1 says that it is not there', async () => {
  const { find, seal } = await lab();
  await expect(find('x')).rejects.toMatchObject({ code: 'evidence_unsealed', exitCode: 3 });
  seal('pruned');
  await expect(find('x')).rejects.toMatchObject({ code: 'pruned', exitCode: 3 });
  await expect(find('')).rejects.toMatchObject({ exitCode: 2 });
  await expect(find('x'.repeat(65_537))).rejects.toMatchObject({ exitCode: 2, message: expect.not.stringContaining('xx') });
});

test('a text of standard input ends before one line end, and is not read for ever', async () => {
  const of = async (...chunks: readonly string[]) => (await textOf(Readable.from(chunks.map((chunk) => Buffer.from(chunk))))).toString();
  expect(await of('a b', '\n')).toBe('a b');
  expect(await of('a\r\n')).toBe('a');
  expect(await of('a\n\n')).toBe('a\n');
  expect(await of()).toBe('');
  const endless = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(1000, 'x');
    })(),
  );
  expect((await textOf(endless)).length).toBeGreaterThan(64 << 10);
});

test('a text that looks like an option is not told in the message', async () => {
  const open = () => expect.unreachable();
  const deps = { version: '', open, write: () => undefined };
  const failure = await execute(['evidence', 'find', caseId, '-----BEGIN KEY'], deps).catch((error: unknown) => error);
  expect(failure).toMatchObject({ exitCode: 2, message: 'evidence find: unknown option' });
});
