import type { Change, ChangeRecord, Journal } from '../../../src/domain/journal.ts';

/** Keeps what was written, and may be told to do something right before or after a step is written. */
export interface MemoryJournal extends Journal {
  readonly records: ChangeRecord[];
  readonly steps: string[];
}

export function memoryJournal(onStep: (step: string) => void = () => undefined): MemoryJournal {
  const records: ChangeRecord[] = [];
  const steps: string[] = [];
  return {
    records,
    steps,
    open(intent): Change {
      const at = records.length;
      records.push({ ...intent, id: at + 1, runId: 'test', engine: 'local', engineId: '', state: 'open', step: null });
      const set = (change: Partial<ChangeRecord>) => {
        records[at] = { ...(records[at] as ChangeRecord), ...change };
      };
      return {
        get record() {
          return records[at] as ChangeRecord;
        },
        step(name, data = {}) {
          set({ step: name, data: structuredClone({ ...records[at]?.data, ...data }) });
          steps.push(name);
          onStep(name);
        },
        close: (state) => set({ state }),
      };
    },
  };
}
