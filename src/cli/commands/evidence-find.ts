import type { Readable } from 'node:stream';
import { type ExitCode, exitCodes, FailedError, InconclusiveError, InvalidError } from '../../domain/errors.ts';
import { formatSize } from '../../domain/size.ts';
import type { FoundInProcess, FoundText } from '../../forensics/find-text.ts';
import type { App } from '../app.ts';
import { audited } from '../audited.ts';
import { flat, type Output } from '../output.ts';

/** Bytes of a text. */
const longest = 64 << 10;
const mostRows = 40;

/** `pitwall evidence find ID TEXT`: 0 found, 1 not found, 3 not found in a case that lacks something. The text is in no log. */
export async function evidenceFindCommand(id: string, text: string, app: App): Promise<ExitCode> {
  const { out } = app;
  if (text === '-' && process.stdin.isTTY) out.progress('the text, then Enter and Ctrl-D:');
  const wanted = text === '-' ? await textOf(process.stdin) : Buffer.from(text);
  if (wanted.length === 0) throw new InvalidError('usage', 'the text to look for is empty');
  if (wanted.length > longest) throw new InvalidError('usage', `the text to look for is longer than ${formatSize(longest)}`);
  const forensics = await app.forensics();
  const found = await audited({ act: 'evidence find', object: id, data: null }, app, () => forensics.findText(id, wanted)).catch(
    unsearched,
  );
  out.data(found);
  showFound(out, found);
  if (found.matches > 0) return exitCodes.ok;
  return found.notSearched.length === 0 ? exitCodes.failed : exitCodes.inconclusive;
}

/** To the end of the stream, and not far beyond what is allowed; without the line end that `echo` puts there. */
export async function textOf(stream: Readable): Promise<Buffer> {
  let text: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    text = Buffer.concat([text, chunk as Buffer]);
    if (text.length > longest + 2) break;
  }
  const end = text.at(-1) === 0x0a ? (text.at(-2) === 0x0d ? 2 : 1) : 0;
  return text.subarray(0, text.length - end);
}

/** 1 means that it is not there; of a case that could not be searched nobody knows. */
function unsearched(error: unknown): never {
  if (!(error instanceof FailedError) || error.exitCode !== exitCodes.failed) throw error;
  throw new InconclusiveError(error.code, error.message, { hint: error.hint, cause: error });
}

function showFound(out: Output, { evidence, matches, processes, files, searched, notSearched }: FoundText): void {
  const times = matches === 1 ? 'once' : `${matches} times`;
  out.line(`${out.paint('strong', evidence)}  ${matches > 0 ? out.paint('bad', `found ${times}`) : 'not found'}`);
  const rows = processes.flatMap(rowsOf);
  if (rows.length > 0) out.table(['PID', 'COMMAND', 'ADDRESS', 'IN', 'AS'], rows.slice(0, mostRows));
  const more = processes.reduce((sum, one) => sum + one.matches, 0) - Math.min(rows.length, mostRows);
  if (more > 0) out.line(out.paint('quiet', `and ${more} more in memory (--json has the first 1,000 of each process)`));
  if (files.length > 0)
    out.table(
      ['FILE', 'WHAT', 'KEPT AS', 'TIMES'],
      files.slice(0, mostRows).map((one) => [flat(one.path), one.kind, one.kept, String(one.matches)]),
    );
  if (files.length > mostRows) out.line(out.paint('quiet', `and ${files.length - mostRows} more files (--json has all)`));
  out.line(
    `searched  ${formatSize(searched.memoryBytes)} of memory of ${processes.length} processes, ${searched.files} files (tmpfs, deleted); not the disk, logs and volumes`,
  );
  for (const gap of notSearched) out.line(`${out.paint('unsure', 'not searched')}  ${flat(gap)}`);
}

function rowsOf({ pid, command, places }: FoundInProcess): string[][] {
  return places.map(({ address, encoding, in: mapped }) => {
    const where = mapped === null ? 'unknown' : (mapped.path ?? mapped.kind);
    const shared = mapped?.shared === true ? ' (shared)' : '';
    return [String(pid), flat(command), address ?? 'unknown', `${flat(where)}${shared}`, encoding === 'as-given' ? '' : 'UTF-16'];
  });
}
