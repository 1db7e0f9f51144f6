/** Something that the person at the keyboard can put right; shown without a stack. */
export class UserError extends Error {
  /**
   * @param {string} message
   * @param {{ hint?: string, exitCode?: number, cause?: unknown }} [options] `exitCode`: default 1
   */
  constructor(message, { hint, exitCode = 1, cause } = {}) {
    super(message, { cause });
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

/** Prints an error as the command line does, `error: …` and `try: …`, and returns the exit code for it. */
export function report(error) {
  const known = error instanceof UserError;
  process.stderr.write(`error: ${known ? error.message : (error?.stack ?? error)}\n`);
  if (known && error.hint) process.stderr.write(`try: ${error.hint}\n`);
  return known ? error.exitCode : 1;
}
