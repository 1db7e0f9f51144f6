import type { ByteHelper } from '../../container/helper-container.ts';
import { helperLines } from '../../container/helper-lines.ts';
import type { Request, Said } from './lines.ts';

/** Lines to and from a prober's helper. */
export interface Talk {
  tell(request: Request): void;
  ended(): boolean;
}

/** `heard` is called for each line, `over` once, when the helper has ended or was let go of. */
export function talkTo(helper: Pick<ByteHelper, 'output' | 'write'>, heard: (said: Said) => void, over: () => void): Talk {
  let ended = false;
  const finish = () => {
    if (ended) return;
    ended = true;
    over();
  };
  read().then(finish, finish);
  return {
    tell(request) {
      if (!ended) helper.write(`${JSON.stringify(request)}\n`);
    },
    ended: () => ended,
  };

  async function read(): Promise<void> {
    for await (const line of helperLines(helper)) {
      const said = parsed(line);
      if (said !== null) heard(said);
    }
  }
}

/** What else a helper's runtime may print is no line of ours. */
function parsed(line: string): Said | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Said) : null;
  } catch {
    return null;
  }
}
