import type { AlertInbox, SeenAlert } from '../../domain/kind.ts';
import type { Store } from '../../store/store.ts';

/** Alerts are events of the run, which the `serve` that receives them writes. */
export function alertInbox(runId: string, store: Pick<Store, 'events' | 'processes'>): AlertInbox {
  const seen: SeenAlert[] = [];
  let lastSeq = 0;
  let first: number | null = null;
  return {
    whyDeaf() {
      const serve = store.processes.serve();
      if (serve === null) return 'no pitwall serve runs on this database, so no alert could come in';
      first ??= serve.id;
      return serve.id === first ? null : 'pitwall serve was started again meanwhile, so alerts may have been lost';
    },
    seen() {
      for (const event of store.events.list(runId, lastSeq)) {
        lastSeq = event.seq;
        const { mark, rule } = event.data ?? {};
        if (event.type === 'alert' && typeof mark === 'string' && typeof rule === 'string') seen.push({ mark, rule, at: event.at });
      }
      return seen;
    },
  };
}
