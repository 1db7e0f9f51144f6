/** The names of all groups and probes, without the probes: reading a drill file needs no more. */
const counts = { PRV: 18, FS: 18, NET: 18, RES: 7, SEC: 8, IMG: 10, SUP: 5 };
/** Practised by the drill kind `segmentation`. */
const elsewhere = ['NET-04', 'NET-06', 'NET-15'];

export const probeIds: readonly string[] = Object.entries(counts)
  .flatMap(([prefix, count]) => Array.from({ length: count }, (_, i) => `${prefix}-${String(i + 1).padStart(2, '0')}`))
  .filter((id) => !elsewhere.includes(id));
