import type { EvidenceSink, SinkFile } from '../../domain/evidence.ts';
import { writeZeros } from './write.ts';

/** A sink for one step, which can be left in order whatever became of the step. */
export interface SettledSink extends EvidenceSink {
  /** Path of the file that is open. */
  half(): string | null;
  /** Takes nothing more, and fills up the file that is half written, as a sink wants every byte that was announced; how it was left. */
  settle(): Promise<{ readonly path: string; readonly from: number } | null>;
}

export function settledSink(sink: EvidenceSink): SettledSink {
  let open = null as { file: SinkFile; path: string; size: number; written: number } | null;
  let over = false;
  let busy: Promise<void> = Promise.resolve();
  const alive = () => {
    if (over) throw new Error('the step is over');
  };
  /** Settling waits for a write under way: a sink takes one at a time. */
  const track = (work: Promise<void>): Promise<void> => {
    busy = work.catch(() => undefined);
    return work;
  };
  return {
    async file(path, size) {
      alive();
      if (open !== null) throw new Error(`${open.path} is still open`);
      const opening = sink.file(path, size).then((file) => {
        open = { file, path, size, written: 0 };
        return file;
      });
      await track(opening.then(() => undefined));
      const file = await opening;
      return {
        write(chunk) {
          alive();
          if (open === null || open.written + chunk.length > size)
            throw new Error(`${path} is longer than the ${size} bytes that were announced`);
          open.written += chunk.length;
          return track(file.write(chunk));
        },
        close() {
          alive();
          if (open?.written !== size) throw new Error(`${path} has ${open?.written} of the ${size} bytes that were announced`);
          open = null;
          return track(file.close());
        },
      };
    },
    half: () => open?.path ?? null,
    async settle() {
      over = true;
      await busy;
      if (open === null) return null;
      const { file, path, size, written } = open;
      open = null;
      await writeZeros(file, size - written);
      await file.close();
      return { path, from: written };
    },
  };
}
