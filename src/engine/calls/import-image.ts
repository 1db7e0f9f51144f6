import type { Engine } from '../../domain/engine.ts';
import { EngineError } from '../../domain/errors.ts';
import type { Call } from '../call.ts';
import type { EngineClient } from '../client.ts';

/** https://docs.docker.com/reference/api/engine/, "Create an image", with `fromSrc=-`. */
export function imageImport(client: EngineClient): Pick<Engine, 'importImage'> {
  return {
    async importImage(tar, reference, changes, options) {
      const colon = reference.lastIndexOf(':');
      const call: Call = {
        method: 'POST',
        path: '/images/create',
        query: { fromSrc: '-', repo: reference.slice(0, colon), tag: reference.slice(colon + 1), changes: changes.join('\n') },
        upload: tar,
        action: `import image ${reference}`,
        object: reference,
      };
      const { body } = await client.call(call, options);
      // The head says 200 before the tar is read; what went wrong after that is a line of the answer.
      const failure = body
        .toString()
        .split('\n')
        .map(errorOf)
        .find((text) => text !== null);
      if (failure !== undefined) throw new EngineError(codeOf(failure), `engine ${client.config.name}: cannot ${call.action}: ${failure}`);
    },
  };
}

function errorOf(line: string): string | null {
  try {
    const said: unknown = JSON.parse(line);
    return typeof said === 'object' && said !== null && 'error' in said ? String(said.error) : null;
  } catch {
    return null;
  }
}

function codeOf(failure: string): 'no_space' | 'engine_failed' {
  return /no space left on device|disk quota exceeded/i.test(failure) ? 'no_space' : 'engine_failed';
}
