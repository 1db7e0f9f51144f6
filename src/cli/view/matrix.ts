import { InvalidError } from '../../domain/errors.ts';
import type { Matrix, MatrixCell } from '../../domain/matrix.ts';
import type { RunRecord } from '../../domain/words.ts';
import { suggestPolicy } from '../../drills/segmentation/suggest.ts';
import type { Store } from '../../store/store.ts';
import type { App } from '../app.ts';
import type { Output, Style } from '../output.ts';

/** What a segmentation run measured, for people: services by services, and with `suggest` the policy that would describe it. */
export function showMatrix(record: RunRecord, { suggest }: { readonly suggest?: boolean | undefined }, store: Store, out: Output): void {
  const artifact = store.runs.artifact(record.id, 'matrix');
  if (artifact === null || out.json) return;
  const { cells } = JSON.parse(artifact.content.toString('utf8')) as Matrix;
  out.line();
  printMatrix(cells, out);
  if (!suggest) return;
  out.line();
  for (const line of suggestPolicy(cells, record.findings)) out.line(line);
}

/** @throws InvalidError where there would be nothing to suggest, or nowhere to print it. */
export function refuseSuggest(drills: readonly { readonly kind: string }[], { out }: Pick<App, 'out'>): void {
  if (out.json) throw new InvalidError('usage', '--suggest prints YAML, so it cannot be used with --json');
  const other = drills.find(({ kind }) => kind !== 'segmentation');
  if (other !== undefined) throw new InvalidError('usage', `--suggest is for drills of kind segmentation, and this one is ${other.kind}`);
}

/** Beyond this, columns have numbers. */
const widest = 120;

function printMatrix(cells: readonly MatrixCell[], out: Output): void {
  const rows = [...new Set(cells.map(({ from }) => from))].toSorted();
  const special = ['host', 'external'].filter((name) => cells.some(({ to }) => to === name));
  const columns = [...new Set([...rows, ...cells.map(({ to }) => to)])].filter((name) => !special.includes(name)).toSorted();
  const all = [...columns, ...special];
  const named = all.reduce((sum, name) => sum + name.length + 2, 12) <= widest;
  const groups = new Map<string, MatrixCell[]>();
  for (const cell of cells) groups.set(`${cell.from} ${cell.to}`, [...(groups.get(`${cell.from} ${cell.to}`) ?? []), cell]);
  out.table(
    ['FROM \\ TO', ...all.map((name, i) => (named ? name : String(i + 1)))],
    rows.map((from) => [
      named ? from : `${all.indexOf(from) + 1} ${from}`,
      ...all.map((to) => symbol(groups.get(`${from} ${to}`) ?? [], out)),
    ]),
  );
  if (!named) out.line(`columns: ${all.map((name, i) => `${i + 1} ${name}`).join(', ')}`);
  out.line('. allowed and open   X denied and closed   ! policy and network disagree   ? not known   - nothing to connect to');
}

function symbol(cells: readonly MatrixCell[], out: Output): string {
  const [sign, style] = signOf(cells);
  return out.paint(style, sign);
}

function signOf(cells: readonly MatrixCell[]): readonly [string, Style] {
  if (cells.length === 0) return ['-', 'quiet'];
  if (cells.some(({ disagreement }) => disagreement !== null)) return ['!', 'bad'];
  const allowed = cells.filter(({ declared }) => declared === 'allow');
  if (allowed.some(({ measured }) => measured === 'open' || measured === 'refused'))
    return cells.some(hidden) ? ['?', 'unsure'] : ['.', 'good'];
  if (cells.some(({ measured }) => measured === 'unknown')) return ['?', 'unsure'];
  return allowed.length === cells.length ? ['.', 'good'] : ['X', 'good'];
}

/** Denied, and not known to be closed. */
function hidden({ declared, measured }: MatrixCell): boolean {
  return declared === 'deny' && measured === 'unknown';
}
