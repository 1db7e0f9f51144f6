/**
 * What has to be undone at the end, in reverse order. All of it is done, whatever fails; the first failure is thrown when all are done.
 *
 * @param {{ log?: (line: string) => void }} [options]
 */
export function releasers({ log } = {}) {
  const stack = [];
  const release = async (until) => {
    let first;
    while (stack.length > 0 && stack[stack.length - 1].name !== until) {
      const { name, undo } = stack.pop();
      log?.(`ending: ${name}`);
      try {
        await undo();
      } catch (error) {
        log?.(`${name}: ${error.message}`);
        first ??= error;
      }
    }
    if (first) throw first;
  };
  return {
    add: (name, undo) => {
      stack.push({ name, undo });
    },
    /** Undoes all that was added after `name`, which stays. */
    upTo: release,
    all: () => release(undefined),
  };
}
