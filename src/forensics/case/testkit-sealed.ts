import { createHash } from 'node:crypto';
import { link, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type SealedCase, sealCase } from './seal.ts';
import { meta, record, type testHome } from './testkit.ts';
import { type CaseWriter, openCase } from './writer.ts';

type Home = Awaited<ReturnType<typeof testHome>>;

/** Captures what a small container would give: two processes with memory, some files, and images. */
export async function captured({ options }: Pick<Home, 'options'>): Promise<CaseWriter> {
  const writer = await openCase(options);
  writer.custody.add({ what: 'frozen', data: { container: record.container.name } });
  for (const pid of [1, 7]) {
    await bytesTo(writer, `cores/core.${pid}.head`, Buffer.alloc(700, pid));
    await bytesTo(writer, `checkpoint/pages-${pid}.img`, Buffer.alloc(4096, `memory of ${pid} `));
  }
  await writer.json('files/memory.json', {
    processes: [1, 7].map((pid) => ({
      hostPid: 1000 + pid,
      pid,
      ppid: 0,
      comm: 'sh',
      wanted: 4096,
      captured: 4096,
      threads: 1,
      core: { path: `cores/core.${pid}`, head: `cores/core.${pid}.head`, pages: `checkpoint/pages-${pid}.img`, bytes: 700 + 4096 },
    })),
  });
  await writer.text('files/logs.txt', 'one line\n');
  await writer.text('files/empty.txt', '');
  return writer;
}

export async function sealedCase(home: Home): Promise<SealedCase> {
  const writer = await captured(home);
  const archive = await writer.finishCheckpoint(meta);
  await writer.sync();
  const blobs = join(home.folder, 'oci/blobs/sha256');
  await mkdir(blobs, { recursive: true });
  await writeFile(join(home.folder, 'oci/oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await link(join(home.folder, 'checkpoint.tar'), join(blobs, archive.sha256));
  await writeFile(join(blobs, sha256('layer')), 'layer');
  return sealCase(writer, record, {
    async attach(statement) {
      await writeFile(join(blobs, sha256(statement)), statement);
      await writeFile(join(home.folder, 'oci/index.json'), '{"schemaVersion":2,"manifests":[]}');
    },
  });
}

export async function bytesTo(writer: CaseWriter, path: string, bytes: Uint8Array): Promise<void> {
  const file = await writer.file(path, bytes.length);
  await file.write(bytes);
  await file.close();
}

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
