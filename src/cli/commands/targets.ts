import { formatDuration } from '../../domain/duration.ts';
import { EngineError, type ExitCode, exitCodes } from '../../domain/errors.ts';
import { type TargetView, targetViews } from '../../runner/targets/target-view.ts';
import type { App } from '../app.ts';
import { mayBeDrilled, optInHint } from '../view/targets.ts';

/** `pitwall targets`: every running container of every engine. An engine that is away is said, and the others are listed. */
export async function targetsCommand(app: App): Promise<ExitCode> {
  const { out, clock } = app;
  const { config, self } = await app.runner();
  const { drills } = app.catalogue();
  const views: TargetView[] = [];
  let lost = 0;
  for (const engine of await app.engines()) {
    try {
      views.push(...(await targetViews(engine, { config, self, kinds: [...app.kinds.keys()], drills })));
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      lost++;
      out.warn(error.message);
    }
  }
  out.data(views);
  out.table(
    ['CONTAINER', 'PROJECT', 'SERVICE', 'IMAGE', 'AGE', 'STATUS', 'DRILLS'],
    views.map((view) => [
      view.name,
      view.project ?? '-',
      view.service ?? '-',
      view.image,
      formatDuration(Math.max(0, clock.now() - view.createdAt)),
      view.status,
      mayBeDrilled(view, out.paint),
    ]),
  );
  if (views.length === 0 && lost === 0) out.line('no container is running');
  const hint = optInHint(views);
  if (hint !== null) out.line(hint);
  return lost > 0 ? exitCodes.engine : exitCodes.ok;
}
