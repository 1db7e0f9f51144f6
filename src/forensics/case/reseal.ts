import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FailedError } from '../../domain/errors.ts';
import { names } from './case-path.ts';
import { parseCustodyLine } from './custody-entry.ts';
import type { CaseRecord } from './manifest.ts';
import { type SealedCase, type SealOptions, sealCase } from './seal.ts';
import { type CaseOptions, reopenCase } from './writer.ts';

/**
 * Seals what a crash left of a case: takes what is there, ends the archive, and says what is missing.
 * @throws FailedError `evidence_sealed` when it is sealed already, `evidence_no_space`, `evidence_unwritable`.
 */
export async function resealPartial(options: CaseOptions, record: CaseRecord, also: SealOptions = {}): Promise<SealedCase> {
  const folder = join(options.root, options.id);
  if (await isSealed(folder)) throw new FailedError('evidence_sealed', `${options.id} is sealed already`);
  const writer = await reopenCase(options);
  try {
    writer.custody.add({ what: 'recovered', data: { cut: writer.cut.map((one) => one.path) } });
    const { container } = record;
    if (writer.checkpointUnfinished) {
      await writer.finishCheckpoint({
        config: {
          id: container.id,
          name: container.name,
          rootfsImageName: container.image,
          rootfsImage: container.image,
          rootfsImageRef: container.imageId,
          runtime: 'runc',
          createdTime: record.requestedAt,
          checkpointedTime: record.frozenAt ?? record.requestedAt,
        },
        spec: { mounts: [] },
      });
    }
    return await sealCase(writer, record, { recovered: true, ...also });
  } finally {
    await writer.close();
  }
}

/** The custody log says so; a statement alone may be one that was being written. */
export async function isSealed(folder: string): Promise<boolean> {
  const log = await readFile(join(folder, names.custody), 'utf8').catch(() => '');
  return log.split('\n').some((line) => parseCustodyLine(line)?.what === 'sealed');
}
