/**
 * A mark is what a drill puts into argv and environment of what it runs, so that an alert can be told to be of this very run: a rule that names
 * the command line or the environment repeats it.
 */
const shape = /pitwall-mark-([0-9A-HJKMNP-TV-Z]{26})-[0-9a-f]{12}/g;

/** @param unique 12 hexadecimal digits. */
export function markOf(runId: string, unique: string): string {
  return `pitwall-mark-${runId}-${unique}`;
}

/** Every mark in a text, once, with the run that it names. What is no mark of ours is left out; whether there is such a run is not known. */
export function marksIn(text: string): { readonly mark: string; readonly runId: string }[] {
  const found = new Map([...text.matchAll(shape)].map(([mark, runId = '']) => [mark, runId]));
  return [...found].map(([mark, runId]) => ({ mark, runId }));
}
