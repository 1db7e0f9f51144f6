/** An id, a name or a reference as one part of a path. */
export function segment(id: string): string {
  // `.` and `..` would change the path, and no encoding keeps them from it.
  if (id === '' || id === '.' || id === '..') throw new TypeError(`"${id}" is no id`);
  return encodeURIComponent(id);
}

/** The engine's filters, or nothing when there is none. */
export function filters(given: Readonly<Record<string, readonly string[] | undefined>>): string | undefined {
  const used = Object.entries(given).filter(([, values]) => values !== undefined && values.length > 0);
  return used.length === 0 ? undefined : JSON.stringify(Object.fromEntries(used));
}
