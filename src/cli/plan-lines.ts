import type { PlanReport } from '../runner/plan.ts';
import { quotedLines } from './output.ts';

type Step = Pick<PlanReport['steps'][number], 'order' | 'actions'>;

/** Commands that stand indented below what they are run in are printed once: where another step has the very same, it says whose. */
export function planLines(steps: readonly Step[]): ReadonlyMap<number, readonly string[]> {
  const first = new Map<string, number>();
  return new Map(
    steps.map(({ order, actions }) => [order, blocksOf(actions).flatMap(({ head, commands }) => linesOf(head, commands, order))]),
  );

  function linesOf(head: string, commands: readonly string[], order: number): string[] {
    const key = commands.join('\n');
    const whose = first.get(key);
    if (whose === undefined) first.set(key, order);
    const same = commands.length > 1 && whose !== undefined && whose !== order;
    return [
      quotedLines(head, '  '),
      ...(same ? [`  the same ${commands.length} commands as in step ${whose}`] : commands.map((one) => quotedLines(one, '    '))),
    ];
  }
}

interface Block {
  readonly head: string;
  readonly commands: readonly string[];
}

function blocksOf(actions: readonly string[]): Block[] {
  const blocks: { head: string; commands: string[] }[] = [];
  for (const action of actions) {
    const last = blocks.at(-1);
    if (action.startsWith('  ') && last !== undefined) last.commands.push(action);
    else blocks.push({ head: action, commands: [] });
  }
  return blocks;
}
