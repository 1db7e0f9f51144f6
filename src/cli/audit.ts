import { verifyAudit } from '../access/audit.ts';
import { type ExitCode, exitCodes } from '../domain/errors.ts';
import type { App } from './app.ts';

/** `pitwall audit verify`: 1 when a row was changed, put in or taken out. */
export async function auditVerifyCommand(app: App): Promise<ExitCode> {
  const { out } = app;
  const verdict = verifyAudit(await app.store());
  out.data(verdict);
  if (verdict.ok) out.line(`whole: ${verdict.rows} rows; head ${verdict.head}`);
  else out.line(out.paint('bad', `broken at row ${verdict.seq}: ${verdict.problem}; the ${verdict.rows} rows before it are whole`));
  return verdict.ok ? exitCodes.ok : exitCodes.failed;
}
