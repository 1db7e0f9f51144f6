/** What running a step came to. Its output is for `answer.ts` alone. */
export type Outcome = { readonly ok: true; readonly output: string; readonly truncated: boolean } | Failure;

export interface Failure {
  readonly ok: false;
  readonly code: 'step_failed' | 'admin_refused' | 'server_down';
  /** Follows the step's name and place: `ended with exit code 3`. Never a word of its output. */
  readonly problem: string;
}

/** Of each output that is kept, bytes. A credential is far smaller. */
export const outputBytes = 65_536;

export function failed(problem: string, code: Failure['code'] = 'step_failed'): Failure {
  return { ok: false, code, problem };
}

export function ofExit(exitCode: number | null, output: string, truncated: boolean): Outcome {
  if (exitCode === 0) return { ok: true, output, truncated };
  if (exitCode === null) return failed('ended, and nobody can say how');
  const meaning: Readonly<Record<number, string>> = { 126: ' (it cannot be executed)', 127: ' (there is no such program)' };
  return failed(`ended with exit code ${exitCode}${meaning[exitCode] ?? ''}`);
}
