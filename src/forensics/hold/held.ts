import { z } from 'zod';
import type { EvidenceCase, Hold } from '../../domain/evidence.ts';
import type { ChangeData } from '../../domain/journal.ts';
import type { Held } from './io.ts';

const held = z.object({ evidenceId: z.string(), containerId: z.string(), containerName: z.string(), foreign: z.boolean().default(false) });

/** From the data of a change. */
export function heldOf(data: ChangeData): Held {
  return held.parse(data);
}

/** From its row. Its own name is the one that it had when it was frozen: a replaced one is called something else. */
export function heldFrom(hold: Hold, evidence: EvidenceCase): Held {
  const { evidenceId, containerId, foreign } = hold;
  return { evidenceId, containerId, containerName: evidence.container.name, foreign };
}
