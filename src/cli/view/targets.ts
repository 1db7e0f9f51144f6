import { labels } from '../../domain/target.ts';
import { unlisted } from '../../runner/targets/opt-in.ts';
import type { TargetView } from '../../runner/targets/target-view.ts';
import type { Output } from '../output.ts';

/** The drills that may touch it, or why none may. */
export function mayBeDrilled(view: TargetView, paint: Output['paint']): string {
  if (view.leftOut === null) return paint('good', view.kinds.join(', '));
  return paint('quiet', `none: ${view.leftOut === unlisted ? 'not opted in' : view.leftOut}`);
}

/** How what did not opt in would; null when there is no such container. */
export function optInHint(views: readonly TargetView[]): string | null {
  if (!views.some(({ leftOut }) => leftOut === unlisted)) return null;
  return `a container opts in by the label ${labels.optIn}, or, but on production, by an optIn rule in pitwall.yaml`;
}
