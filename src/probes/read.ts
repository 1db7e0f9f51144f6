import { type Answer, broken, type Facts, holds, inconclusive, notApplicable, type StepResult } from './probe.ts';

/** How the kernel said no, in the words of the C library: the exit code alone is no verdict. */
const errnos: readonly (readonly [text: string, errno: Errno])[] = [
  ['Operation not permitted', 'EPERM'],
  // busybox's own words: its mount for EPERM, its shell for ENOENT of a file that a redirection would make
  ['permission denied (are you root?)', 'EPERM'],
  ['nonexistent directory', 'ENOENT'],
  ['Permission denied', 'EACCES'],
  ['Read-only file system', 'EROFS'],
  ['No such file or directory', 'ENOENT'],
  ['No such device or address', 'ENXIO'],
  ['No such device', 'ENODEV'],
  ['Operation not supported', 'ENOTSUP'],
  ['Function not implemented', 'ENOSYS'],
  ['Invalid argument', 'EINVAL'],
  ['Resource temporarily unavailable', 'EAGAIN'],
  ['Cannot allocate memory', 'ENOMEM'],
  ['No space left on device', 'ENOSPC'],
  ['Network is unreachable', 'ENETUNREACH'],
  ['Host is unreachable', 'EHOSTUNREACH'],
  ['No route to host', 'EHOSTUNREACH'],
  ['Connection refused', 'ECONNREFUSED'],
  ['timed out', 'ETIMEDOUT'],
  ['applet not found', 'NOAPPLET'],
];

export type Errno =
  | 'EPERM'
  | 'EACCES'
  | 'EROFS'
  | 'ENOENT'
  | 'ENXIO'
  | 'ENODEV'
  | 'ENOTSUP'
  | 'ENOSYS'
  | 'EINVAL'
  | 'EAGAIN'
  | 'ENOMEM'
  | 'ENOSPC'
  | 'ENETUNREACH'
  | 'EHOSTUNREACH'
  | 'ECONNREFUSED'
  | 'ETIMEDOUT'
  | 'NOAPPLET';

/** The last that stands in the text: what a program says at its end is why it ended. */
export function errnoOf(output: string): Errno | null {
  const found = errnos.map(([text, errno]) => ({ at: output.lastIndexOf(text), errno })).filter(({ at }) => at >= 0);
  return found.toSorted((a, b) => b.at - a.at)[0]?.errno ?? null;
}

const refusals: readonly Errno[] = ['EPERM', 'EACCES', 'EROFS'];
const absences: readonly Errno[] = ['ENOENT', 'ENXIO', 'ENODEV', 'ENOTSUP', 'ENOSYS', 'EINVAL'];

/**
 * The usual reading of an attempt: success is broken; EPERM, EACCES and EROFS hold; what the kernel does not have or know is
 * `absent`; all else is inconclusive.
 */
export function byErrno(
  result: StepResult,
  say: { readonly broken: string; readonly holds: string; readonly absent?: (errno: Errno) => Answer },
): Answer {
  if (result.exitCode === 0) return broken(say.broken);
  const errno = errnoOf(result.output);
  if (errno !== null && refusals.includes(errno)) return holds(`${say.holds} (${errno})`);
  if (errno !== null && absences.includes(errno)) return say.absent?.(errno) ?? notApplicable(`this kernel answers ${errno}`);
  return inconclusive(
    result.exitCode === 137 ? 'it was ended after its time, or by the kernel' : `its answer is none that is known: exit ${result.exitCode}`,
  );
}

/** Nothing holds by what a step said before it was cut off. */
export function whole(answer: Answer, ...results: readonly (StepResult | null)[]): Answer {
  if (answer.state === 'broken' || results.every((result) => result?.exitCode === 0 && result.cut !== true)) return answer;
  const said = results.some((result) => result?.cut === true) ? 'it said more than is kept' : 'it did not come to its end';
  return inconclusive(`${said}, and until then: ${answer.evidence}`);
}

/** What is said of all other containers holds only if the engine says something of each. */
export function ofAll({ silent }: Pick<Facts, 'silent'>, answer: Answer): Answer {
  if (silent.length === 0 || answer.state === 'broken') return answer;
  return inconclusive(`the engine says nothing of ${silent.join(', ')}; of the others: ${answer.evidence}`);
}

/** Judges by a step; without its answer nothing is known. */
export function fromStep(facts: Facts, name: string, read: (result: StepResult) => Answer): Answer {
  const result = facts.step(name);
  if (result === null) return inconclusive(facts.unattempted ?? 'the dummy ended before it answered');
  return read(result);
}
