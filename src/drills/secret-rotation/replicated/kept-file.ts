import { createHash } from 'node:crypto';
import { plainName } from '../../../container/names.ts';
import type { ContainerInspect, Engine } from '../../../domain/engine.ts';
import { EngineError, FailedError, RefusedError } from '../../../domain/errors.ts';
import * as scripts from './scripts.ts';

/** A file of one replica, of which a copy lies beside it while a rotation is under way. Plain data, for the journal. */
export interface KeptFile {
  /** Id of the container. */
  readonly id: string;
  /** Its name. */
  readonly container: string;
  readonly path: string;
  /** Of the content before the run, salted with the run's mark: tells nothing of it. */
  readonly digest: string;
}

/** Each of the paths in each of the containers. Throws `RefusedError` where one is not there, cannot be replaced, or another run's copy lies beside it. Changes nothing. */
export async function keptFiles(engine: Engine, containers: readonly ContainerInspect[], paths: readonly string[], mark: string) {
  const asked = containers.flatMap((container) => [...new Set(paths)].map((path) => ({ container, path })));
  return Promise.all(
    asked.map(async ({ container, path }): Promise<KeptFile> => {
      const name = plainName(container.Name);
      if (container.Mounts.some(({ Destination }) => Destination === path))
        throw new RefusedError(
          'single_file_mount',
          `${path} in ${name} is mounted as a single file, which cannot be replaced in one step`,
          {
            hint: 'mount the folder that it is in',
          },
        );
      const { exitCode, stdout } = await shell(engine, { id: container.Id, container: name }, scripts.look, [path, mark]);
      if (exitCode !== 0) throw new RefusedError('no_file', `${name} has no file ${path} that its shell can read`);
      const [digest = '', ...copies] = stdout.trim().split('\n');
      if (copies.length > 0)
        throw new RefusedError(
          'rotation_under_way',
          `another rotation of ${path} in ${name} is under way or was cut off: ${copies.join(', ')}`,
          {
            hint: 'pitwall recover',
          },
        );
      return { id: container.Id, container: name, path, digest: salted(digest, mark) };
    }),
  );
}

export async function readKept(engine: Engine, file: Pick<KeptFile, 'id' | 'container' | 'path'>): Promise<string> {
  const { exitCode, stdout, truncated } = await shell(engine, file, scripts.read, [file.path, '']);
  if (exitCode !== 0 || truncated) throw failed(file, 'read', exitCode);
  return stdout;
}

export async function backUp(engine: Engine, file: KeptFile, mark: string): Promise<void> {
  const { exitCode } = await shell(engine, file, scripts.backUp, [file.path, mark]);
  if (exitCode !== 0) throw failed(file, 'copied', exitCode);
}

/** `content` goes by standard input. */
export async function replaceKept(engine: Engine, file: KeptFile, mark: string, content: string): Promise<void> {
  const size = String(Buffer.byteLength(content));
  const { exitCode } = await shell(engine, file, scripts.replace, [file.path, mark, size], content);
  if (exitCode !== 0) throw failed(file, 'replaced', exitCode);
}

/** Whether there was a copy to put back; `same`: what is there now is what was there before the run. The copy stays. */
export async function restoreKept(
  engine: Engine,
  file: KeptFile,
  mark: string,
): Promise<{ readonly restored: boolean; readonly same: boolean }> {
  const { exitCode, stdout } = await shell(engine, file, scripts.restore, [file.path, mark]);
  if (exitCode !== 0) throw failed(file, 'put back', exitCode);
  const [what, digest = ''] = stdout.trim().split('\n');
  return { restored: what === 'restored', same: salted(digest, mark) === file.digest };
}

/** Removes the copy, and reads that it is gone. */
export async function dropCopy(engine: Engine, file: KeptFile, mark: string): Promise<void> {
  const { exitCode } = await shell(engine, file, scripts.drop, [file.path, mark]);
  if (exitCode !== 0) throw failed(file, 'freed of its copy', exitCode);
}

/** As root, since the copy has to carry the file's owner. */
async function shell(engine: Engine, file: Pick<KeptFile, 'id' | 'container'>, script: string, args: readonly string[], stdin?: string) {
  try {
    return await engine.exec(file.id, ['sh', '-c', script, 'sh', ...args], {
      user: '0:0',
      timeoutMs: 15_000,
      ...(stdin === undefined ? {} : { stdin }),
    });
  } catch (error) {
    if (error instanceof EngineError && !error.lost)
      throw new FailedError('server_down', `${file.container} takes no command (${error.code}): it does not run, or has no shell`);
    throw error;
  }
}

function failed(file: Pick<KeptFile, 'container' | 'path'>, verb: string, exitCode: number | null): FailedError {
  return new FailedError('step_failed', `${file.path} in ${file.container} could not be ${verb} (exit code ${exitCode ?? 'unknown'})`);
}

function salted(digest: string, mark: string): string {
  return createHash('sha256')
    .update(`${mark}\0${digest.slice(0, 64)}`)
    .digest('hex')
    .slice(0, 16);
}
