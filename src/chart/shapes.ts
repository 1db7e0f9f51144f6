/** Paths that many segments share: one element instead of thousands. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function boxes(all: readonly Box[]): string {
  return all.map(({ x, y, width, height }) => `M${n(x)} ${n(y)}h${n(width)}v${n(height)}h${n(-width)}z`).join('');
}

/** Diagonal strokes within the boxes: what a colour says, said without it. `lean` 1 goes up to the right, -1 down. */
export function hatch(all: readonly Box[], lean: 1 | -1 = 1, step = 6): string {
  return all.map((box) => strokes(box, lean, step)).join('');
}

function strokes({ x, y, width, height }: Box, lean: 1 | -1, step: number): string {
  const path: string[] = [];
  // on a grid of the whole chart, so that neighbours' strokes meet
  for (let at = Math.ceil((x - height) / step) * step; at < x + width; at += step) {
    const left = Math.max(at, x);
    const right = Math.min(at + height, x + width);
    if (right <= left) continue;
    const yOf = (place: number) => (lean === 1 ? y + height - (place - at) : y + (place - at));
    path.push(`M${n(left)} ${n(yOf(left))}L${n(right)} ${n(yOf(right))}`);
  }
  return path.join('');
}

/** A box from one place to another that is never too narrow to be seen, and stays within [0, `end`]. */
export function seen(from: number, to: number, y: number, height: number, end: number, narrowest = 2): Box {
  const width = Math.max(to - from, narrowest);
  return { x: Math.max(0, Math.min(from, end - width)), y, width: Math.min(width, end), height };
}

/** Those of one row that touch or overlap as one, so that thousands cost no more than there are pixels. */
export function joined(all: readonly Box[]): Box[] {
  const found: Box[] = [];
  for (const box of all.toSorted((a, b) => a.x - b.x)) {
    const last = found.at(-1);
    const end = box.x + box.width;
    if (last === undefined || box.x > last.x + last.width + 0.1) found.push(box);
    else found[found.length - 1] = { ...last, width: Math.max(last.width, end - last.x) };
  }
  return found;
}

/** To a tenth of a pixel. */
export function n(value: number): number {
  return Math.round(value * 10) / 10;
}
