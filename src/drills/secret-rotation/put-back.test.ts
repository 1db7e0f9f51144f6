import { expect, test } from 'vitest';
import { EngineError, FailedError, InvalidError } from '../../domain/errors.ts';
import { putBack } from './put-back.ts';

function world(fails: { readonly reopen?: Error; readonly rollback?: readonly string[]; readonly files?: readonly string[] | Error } = {}) {
  const done: string[] = [];
  return {
    done,
    undo: {
      target: 'db',
      async reopen() {
        if (fails.reopen !== undefined) throw fails.reopen;
        return {
          async rollback() {
            done.push('rollback');
            return fails.rollback ?? [];
          },
          async withdraw() {
            done.push('withdraw');
            return [];
          },
        };
      },
      async files() {
        done.push('files');
        if (fails.files instanceof Error) throw fails.files;
        return fails.files ?? [];
      },
    },
  };
}

test('the new one is taken away when the consumers have the old one again, not before', async () => {
  const { undo, done } = world();
  expect([await putBack(undo), done]).toEqual([[], ['rollback', 'files', 'withdraw']]);
});

test.for([
  ['does not run', new FailedError('server_down', 'db does not run', { hint: 'start db' }), 'db does not run (start db)'],
  ['cannot be asked, for the admin has no password', new InvalidError('no_secret', 'ADMIN is not set'), 'ADMIN is not set'],
] as const)('files are put back although the server %s', async ([, reopen, sentence]) => {
  const { undo, done } = world({ reopen });
  expect(await putBack(undo)).toEqual([`db: the rotation could not be put back: ${sentence}; then run: pitwall recover`]);
  expect(done).toEqual(['files']);
});

test('the new one goes on working while something is left', async () => {
  const servers = world({ rollback: ['db: app cannot log in'] });
  expect([await putBack(servers.undo), servers.done]).toEqual([['db: app cannot log in'], ['rollback', 'files']]);
  const files = world({ files: new EngineError('conflict', 'api is paused') });
  expect([await putBack(files.undo), files.done]).toEqual([[expect.stringContaining('api is paused')], ['rollback', 'files']]);
});

test('a lost engine is no residue: it is tried again', async () => {
  const { undo } = world({ reopen: new EngineError('engine_unreachable', 'no answer') });
  await expect(putBack(undo)).rejects.toMatchObject({ code: 'engine_unreachable' });
});
