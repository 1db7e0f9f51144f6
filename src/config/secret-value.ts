import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import type { SecretRef } from './fields.ts';

/**
 * The value that a reference names; read when it is needed, and kept nowhere. `what`: the key that has the reference, for messages. A relative path is
 * one from `folder`. Throws `InvalidError` when there is none, or an empty one.
 */
export function secretValue(
  ref: SecretRef,
  what: string,
  { env, folder }: { readonly env: NodeJS.ProcessEnv; readonly folder: string },
): Secret {
  if ('env' in ref) {
    const value = env[ref.env];
    if (value === undefined || value === '')
      throw new InvalidError('no_secret', `${what}: the variable ${ref.env} is not set`, { hint: `set ${ref.env} where Pitwall runs` });
    return new Secret(value);
  }
  const path = resolve(folder, ref.file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new InvalidError('no_secret', `${what}: ${path} cannot be read`, { cause });
  }
  if (text === '') throw new InvalidError('no_secret', `${what}: ${path} is empty`);
  return new Secret(text);
}
