import { type Answer, broken, type Facts, holds, inconclusive, notApplicable } from '../probe.ts';
import { type Errno, errnoOf, fromStep, whole } from '../read.ts';

/**
 * Shell that opens each file for writing and writes nothing. Only those that are there are opened: what a redirection would make is refused
 * by a read-only file system for a reason that has nothing to do with the file. Never `[ -w ]`, which says of root that it may write
 * whatever the file system says.
 */
export function openings(paths: readonly string[]): string {
  return `for f in ${paths.join(' ')}; do [ -e "$f" ] || { echo "$f absent"; continue; }; e=$( { : >> "$f"; } 2>&1 ) && echo "$f opened" || echo "$f refused $e"; done`;
}

export interface Opening {
  readonly path: string;
  readonly how: 'absent' | 'opened' | 'refused';
  readonly errno: Errno | null;
}

export function readOpenings(output: string): readonly Opening[] {
  return output.split('\n').flatMap((line) => {
    const [, path = '', how = '', why = ''] = /^(\S+) (absent|opened|refused)(.*)$/.exec(line) ?? [];
    return path === '' ? [] : [{ path, how: how as Opening['how'], errno: how === 'refused' ? errnoOf(why) : null }];
  });
}

/** One that opens is broken; all refused holds; none there is not applicable. `claimed`: paths that the API says are read-only. */
export function judgeOpenings(facts: Facts, step: string, claimed: readonly string[]): Answer {
  return fromStep(facts, step, (result) => {
    const all = readOpenings(result.output);
    const opened = all.filter(({ how }) => how === 'opened').map(({ path }) => path);
    if (opened.length > 0) {
      const answer = broken(`it could open for writing ${opened.join(', ')}`);
      const promised = claimed.filter((folder) => opened.some((path) => path === folder || path.startsWith(`${folder}/`)));
      return promised.length === 0
        ? answer
        : {
            ...answer,
            disagreement: `the API says that ${promised.join(', ')} is read-only, and ${opened.join(', ')} could be opened for writing`,
          };
    }
    return whole(refusals(all), result);
  });
}

function refusals(all: readonly Opening[]): Answer {
  const refused = all.filter(({ how }) => how === 'refused');
  if (all.length === 0) return inconclusive('nothing was opened');
  if (refused.length === 0) return notApplicable(`this kernel has none of ${all.map(({ path }) => path).join(', ')}`);
  const unknown = refused.find(({ errno }) => errno === null || !['EROFS', 'EACCES', 'EPERM'].includes(errno));
  if (unknown !== undefined) return inconclusive(`${unknown.path} was refused for a reason that is not known`);
  const byMount = refused.every(({ errno }) => errno === 'EROFS');
  return holds(
    `refused: ${refused.map(({ path, errno }) => `${path} (${errno})`).join(', ')}${byMount ? '' : '; where that is by permission alone, its root could'}`,
  );
}
