import { type Answer, inconclusive } from '../probe.ts';

/** s that a search of the whole root may take: one that is cut off is inconclusive. */
export const searchSeconds = 10;
const mostFolders = 64;

/**
 * Shell that runs `body` for each folder `$d` of the root file system, other mounts left out, that the user may write by owner, group and
 * mode, until `$found` is set: the caller sets it empty, as the target's environment may have one. Its last line is `searched`, or `cut` where there were more. A root that is read-only is not searched.
 */
export function searching(body: string): string {
  return [
    'e=$($B touch /.pitwall-w 2>&1) && { $B rm -f /.pitwall-w; e=; }',
    'case "$e$found" in *"Read-only file system"*|*1) echo searched; exit 0 ;; esac',
    'g=; for i in $($B id -G); do g="$g -o -group $i -perm -20"; done',
    // what it may not read it does not list, and find then ends with 1
    `l=$( { $B find / -xdev -type d \\( -perm -2 -o -user $($B id -u) -perm -200 $g \\) 2>/dev/null; true; } | $B head -n ${mostFolders + 1})`,
    "set -f; IFS='\n'; n=0",
    `for d in $l; do n=$((n+1)); [ $n -gt ${mostFolders} ] && break; [ -n "$found" ] && break; ${body}; done`,
    `[ $n -gt ${mostFolders} ] && echo cut || echo searched`,
  ].join('\n');
}

/** Nothing holds where the search did not come to its end. */
export function searchedWhole(answer: Answer, output: string): Answer {
  if (answer.state !== 'holds' || /^searched$/m.test(output)) return answer;
  return inconclusive(`it may write more folders than were tried; of the others: ${answer.evidence}`);
}
