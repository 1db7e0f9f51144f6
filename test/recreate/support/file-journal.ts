import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Change, ChangeRecord, Journal } from '../../../src/domain/journal.ts';

/** A journal of one file, whole again at every write: enough to be read by another process after this one was killed. */
export function fileJournal(path: string, runId: string): Journal {
  let records = readJournal(path);
  const put = (record: ChangeRecord) => {
    records = [...records.filter((one) => one.id !== record.id), record];
    writeFileSync(path, JSON.stringify(records), { flush: true });
    return record;
  };
  return {
    open(intent): Change {
      let record = put({ ...intent, id: records.length + 1, runId, engine: 'local', engineId: '', state: 'open', step: null });
      return {
        get record() {
          return record;
        },
        step(name, data = {}) {
          record = put({ ...record, step: name, data: { ...record.data, ...data } });
        },
        close(state) {
          record = put({ ...record, state });
        },
      };
    },
  };
}

export function readJournal(path: string): ChangeRecord[] {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as ChangeRecord[]) : [];
}
