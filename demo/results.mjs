/**
 * A run of the demo, for people: the verdict, what was measured, and how the customers fared meanwhile.
 *
 * @param {{ drill: string, code: number | null, record: any, err: string, load: any, curve?: readonly string[] }} result
 */
export function resultLines({ drill, code, record, err, load, curve = [] }) {
  if (!record) return [`${drill}: no result (exit code ${code})`, ...err.trim().split('\n')];
  const lines = [`${drill}: ${record.verdict}, ${record.reason}`];
  for (const one of record.measurements ?? []) {
    const limit = one.objective?.max === undefined ? '' : `, at most ${amount(one.objective.max, one.unit)}: ${one.met ? 'met' : 'missed'}`;
    lines.push(`  ${one.name}${one.target ? ` of ${one.target}` : ''}: ${amount(one.value, one.unit)}${limit}`);
  }
  if (record.residue?.length > 0) lines.push(`  residue: ${JSON.stringify(record.residue)}`);
  if (load)
    lines.push(
      `  customers meanwhile: ${load.requests} requests, ${load.failed} failed, half within ${load.p50Ms} ms, 99 % within ${load.p99Ms} ms`,
    );
  for (const line of curve) lines.push(`  ${line}`);
  return lines;
}

function amount(value, unit) {
  if (value === null || value === undefined) return 'not measured';
  if (unit === 'ratio') return `${Number((value * 100).toFixed(1))} %`;
  if (unit !== 'ms') return `${value}${unit && unit !== 'count' ? ` ${unit}` : ''}`;
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}
