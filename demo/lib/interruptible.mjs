/**
 * Does work that SIGINT and SIGTERM ask to end early; what it has to clean up is done either way, and further signals do not cut it short.
 *
 * @param {(signal: AbortSignal) => Promise<number>} work resolves with the exit code
 * @returns {Promise<number>} that exit code, or 130 or 143 when a signal came
 */
export async function interruptible(work) {
  const controller = new AbortController();
  let code;
  const listeners = Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }).map(([name, exitCode]) => {
    const listener = () => {
      if (code === undefined) process.stderr.write(`\n${name}: cleaning up\n`);
      code ??= exitCode;
      controller.abort(new Error(`ended by ${name}`));
    };
    process.on(name, listener);
    return [name, listener];
  });
  try {
    return await work(controller.signal);
  } catch (error) {
    // What fails after a signal fails because of it.
    if (code === undefined) throw error;
    return code;
  } finally {
    for (const [name, listener] of listeners) process.off(name, listener);
  }
}
