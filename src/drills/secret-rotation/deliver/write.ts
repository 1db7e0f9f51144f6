import { FailedError } from '../../../domain/errors.ts';
import type { Credential } from '../system.ts';
import { contentOf } from './content.ts';
import { type DeliveryData, type FileData, filesOf } from './data.ts';
import { findContainer } from './find.ts';
import { HandError } from './hand-error.ts';
import { type DeliveryScope, type Hands, type Seat, spotOf, withHands } from './hands.ts';

/**
 * Keeps the files as they are beside themselves, under names of the run. Called again, or for another container that has the same files, it
 * changes nothing. Throws `FailedError` `delivery_failed` with container, path and the system's code.
 */
export async function backup(data: DeliveryData, scope: DeliveryScope): Promise<void> {
  await eachFile(data, scope, async (file, seat) => {
    await seat.ask({ do: 'backup', ...spotOf(seat, file, data.mark) });
  });
}

/**
 * Puts a credential into the files, each by a rename, with the owner and mode that they had; read back. `written` is false where they held
 * it already: containers may share one folder. Refused without a backup. Throws as `backup` does.
 */
export async function deliver(data: DeliveryData, credential: Credential, scope: DeliveryScope): Promise<{ readonly written: boolean }> {
  let written = false;
  // the name first: a consumer that looks at the value's file alone then finds both
  await eachFile(data, scope, async (file, seat) => {
    const format = file === data.user ? '{user}\n' : data.format;
    const bytes = Buffer.from(contentOf(format, credential).reveal()).toString('base64');
    const like = file.like ?? data.secret.before;
    const answer = await seat.ask({ do: 'write', ...spotOf(seat, file, data.mark), bytes, like, tighten: file.tighten });
    written ||= answer.written;
  });
  return { written };
}

/** The backups are gone when it resolves; names of what is still there. Throws as `backup` does. */
export async function forget(data: DeliveryData, scope: DeliveryScope): Promise<readonly string[]> {
  const left: string[] = [];
  await eachFile(data, scope, async (file, seat) => {
    left.push(...(await seat.ask({ do: 'forget', ...spotOf(seat, file, data.mark) })).left);
  });
  return left;
}

/** The user's file before the value's. */
export async function eachFile(
  data: DeliveryData,
  scope: DeliveryScope,
  work: (file: FileData, seat: Seat) => Promise<void>,
): Promise<void> {
  await withHands(scope, async (hands) => {
    for (const file of filesOf(data).toReversed()) {
      try {
        await work(file, await seatOf(data, file, hands, scope));
      } catch (error) {
        if (!(error instanceof HandError)) throw error;
        throw new FailedError('delivery_failed', `${data.container.name}: ${file.path}: ${inWords(error.reason)}`, { cause: error });
      }
    }
  });
}

async function seatOf(data: DeliveryData, file: FileData, hands: Hands, scope: DeliveryScope): Promise<Seat> {
  if (file.source !== null) return hands.onSource(file.source);
  const { container } = await findContainer(data, scope);
  return hands.inside(container);
}

function inWords(reason: string): string {
  switch (reason) {
    case 'EROFS':
      return 'lies on a file system that is read-only on the engine’s host (EROFS)';
    case 'NO_BACKUP':
      return 'has no backup of this run beside it, so nothing was written';
    case 'READ_BACK':
      return 'was written, and then held something else: somebody else writes it too';
    default:
      return `a helper could not write there (${reason})`;
  }
}
