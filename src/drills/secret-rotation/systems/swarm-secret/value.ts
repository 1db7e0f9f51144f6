import { plainName } from '../../../../container/names.ts';
import type { ContainerInspect } from '../../../../domain/engine/containers.ts';
import type { SecretReference } from '../../../../domain/engine/swarm.ts';
import { EngineError, RefusedError } from '../../../../domain/errors.ts';
import { Secret } from '../../../../domain/secret.ts';
import type { SystemScope } from '../../system.ts';
import type { Params } from './params.ts';

/** What a version holds. */
export interface Value {
  /** What is presented: without the line feed that the file may end in. */
  readonly secret: Secret;
  /** What the file ends in after it: a new version ends likewise. */
  readonly ending: '' | '\n' | '\r\n';
}

/** Swarm does not give a value out: it is in the files of running tasks, or the drill's owner names where it is. */
export async function currentValue(
  params: Params,
  container: ContainerInspect,
  reference: SecretReference,
  scope: SystemScope,
): Promise<Value> {
  if (params.current !== undefined) return toValue(scope.secret(params.current, 'params.current').reveal(), 'params.current');
  const file = pathOf(reference);
  const where = `${file} in ${plainName(container.Name)}`;
  return toValue(await read(container, file, where, scope), where);
}

async function read(container: ContainerInspect, file: string, where: string, scope: SystemScope): Promise<string> {
  const hint = 'say in params.current where the value in use is';
  try {
    // Not as an archive: the engine does not look into the tmpfs, and says that the file is empty.
    const { exitCode, stdout } = await scope.engine.exec(container.Id, ['cat', file], { user: '0', signal: scope.signal });
    if (exitCode === 0) return stdout;
    throw new RefusedError('no_value', `${where} cannot be read: cat ended with exit code ${exitCode}`, { hint });
  } catch (error) {
    if (!(error instanceof EngineError) || error.lost) throw error;
    throw new RefusedError('no_value', `${where} cannot be read: its image has no cat`, { hint });
  }
}

function toValue(text: string, where: string): Value {
  const ending = text.endsWith('\r\n') ? '\r\n' : text.endsWith('\n') ? '\n' : '';
  const value = text.slice(0, text.length - ending.length);
  // It travels in a header, and a new version is 43 characters and nothing else.
  if (!/^[\x21-\x7e]+$/.test(value))
    throw new RefusedError('not_a_token', `${where} is not a single token: spaces, lines or other characters are in it, or nothing`, {
      hint: 'only a secret that is nothing but the credential can be rotated like this; for others there is system: steps',
    });
  return { secret: new Secret(value), ending };
}

function pathOf({ File }: SecretReference): string {
  const name = File?.Name ?? '';
  return name.startsWith('/') ? name : `/run/secrets/${name}`;
}
