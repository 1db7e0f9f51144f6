/** The known word that was probably meant, or null when none is near enough to be worth a guess. */
export function nearest(word: string, known: Iterable<string>, furthest = Math.max(1, Math.floor(word.length / 3))): string | null {
  let best: string | null = null;
  let bestDistance = furthest + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** ` (did you mean "maxUptime"?)`, else what may stand there. */
export function suggestion(word: string, known: readonly string[]): string {
  const meant = word.length > 64 ? null : nearest(word, known);
  if (meant !== null) return ` (did you mean ${JSON.stringify(meant)}?)`;
  return known.length === 0 ? ' (nothing may stand here)' : ` (known: ${known.join(', ')})`;
}

/** Optimal string alignment: insert, delete, replace, or swap two neighbours, at a cost of 1 each. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(Math.min(replace, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, swapped ? (beforeLast[j - 2] ?? 0) + 1 : Infinity));
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
