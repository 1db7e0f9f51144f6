import { runsAndAudit } from './001-runs-and-audit.ts';
import { recoveries } from './002-recoveries.ts';
import { evidence } from './003-evidence.ts';
import { lettingGo } from './004-letting-go.ts';
import { proofs } from './005-proofs.ts';

/**
 * The schema, forward only: a migration that was ever released is never edited, not by a byte; a change is a new one at the end. Its number
 * is its place here. Kept as text in TypeScript, so that what tsc emits is complete. Instants are UTC milliseconds; JSON is text.
 */
export const migrations: readonly string[] = [runsAndAudit, recoveries, evidence, lettingGo, proofs];
