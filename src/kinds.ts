import type { ChangeHandler } from './domain/journal.ts';
import type { DrillKind } from './domain/kind.ts';
import { adversarialProbe } from './drills/adversarial-probe/index.ts';
import { cryptoAnchor } from './drills/crypto-anchor/index.ts';
import { detection } from './drills/detection/index.ts';
import { forensicFreeze } from './drills/forensic-freeze/index.ts';
import { lifecycle } from './drills/lifecycle/index.ts';
import { reverseUptime } from './drills/reverse-uptime/index.ts';
import type { RotationDeps } from './drills/secret-rotation/handler.ts';
import { secretRotation } from './drills/secret-rotation/index.ts';
import { segmentation } from './drills/segmentation/index.ts';

/** The kinds of drill that this version of Pitwall has. */
export const kinds: ReadonlyMap<string, DrillKind<unknown>> = new Map(
  [
    reverseUptime as DrillKind<unknown>,
    forensicFreeze as DrillKind<unknown>,
    adversarialProbe as DrillKind<unknown>,
    detection as DrillKind<unknown>,
    segmentation as DrillKind<unknown>,
    lifecycle as DrillKind<unknown>,
    secretRotation as DrillKind<unknown>,
    cryptoAnchor as DrillKind<unknown>,
  ].map((kind) => [kind.name, kind]),
);

/** What can undo, or finish, each kind of change in the journal. Loaded when something is run or recovered. */
export async function changeHandlers(
  holding: readonly ChangeHandler[],
  rotation: RotationDeps,
): Promise<ReadonlyMap<string, ChangeHandler>> {
  const [{ recreateHandler }, { restartHandler }, { canaryHandler }, { rotationHandler }, { cutHandler }] = await Promise.all([
    import('./container/recreate/handler.ts'),
    import('./container/restart-handler.ts'),
    import('./drills/forensic-freeze/canary-change.ts'),
    import('./drills/secret-rotation/handler.ts'),
    import('./drills/crypto-anchor/cut-change.ts'),
  ]);
  return new Map(
    [recreateHandler, restartHandler, canaryHandler, rotationHandler(rotation), cutHandler, ...holding].map((handler) => [
      handler.kind,
      handler,
    ]),
  );
}
