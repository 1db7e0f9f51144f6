/**
 * SIGINT and SIGTERM ask for the end once; what is half done is put back first, and a second signal does not skip that: it only says
 * so. SIGHUP (the terminal went away) counts the same.
 */
export function onSignals(say: (text: string) => void): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const handle = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      say(`${name}: still putting back what was begun; this is not skipped`);
      return;
    }
    say(`${name}: stopping, and putting back what was begun`);
    controller.abort(new Error(`stopped by ${name}`));
  };
  const names: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of names) process.on(name, handle);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of names) process.off(name, handle);
    },
  };
}
