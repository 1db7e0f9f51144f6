import { createHmac, randomBytes } from 'node:crypto';
import pLimit from 'p-limit';
import { noRun } from '../../src/container/own.ts';
import { catalogue, weakDummies } from '../../src/probes/catalogue.ts';
import { surroundings } from '../../src/probes/gather.ts';
import type { Allowed, Outside } from '../../src/probes/probe.ts';
import { type Probed, probeTarget } from '../../src/probes/probe-target.ts';
import { nothingAllowed, selfTest, type Tested } from '../../src/probes/self-test.ts';
import { openTools, type Workshop } from '../../src/probes/tools.ts';
import { type Lab, openLab } from '../helper/lab.ts';

export interface ProbeLab extends Lab {
  readonly shop: Workshop;
  /** Those probes on a container, by id or name. */
  probe(
    container: string,
    ids: readonly string[],
    options?: { readonly allow?: Partial<Allowed>; readonly outside?: Outside },
  ): Promise<Probed>;
  /** State and evidence of one probe on a container. */
  ask(
    container: string,
    id: string,
    options?: { readonly allow?: Partial<Allowed>; readonly outside?: Outside },
  ): Promise<readonly [state: string, evidence: string]>;
  selfTest(ids: readonly string[], options?: { readonly full?: boolean; readonly outside?: Outside }): Promise<ReadonlyMap<string, Tested>>;
}

/** A real engine, a helper image with a static busybox, and the probes; all that it makes is gone after `close`. */
export async function openProbeLab(what: string): Promise<ProbeLab> {
  const lab = await openLab(what);
  const image = await lab.image({ build: await lab.build(), busybox: await lab.busybox() });
  const base = {
    engine: lab.engine,
    runId: noRun,
    instance: lab.instance,
    now: () => Date.now(),
    signal: new AbortController().signal,
    helperImage: image.reference,
  };
  const tools = await openTools(base);
  const shop: Workshop = { ...base, tools };
  const salt = randomBytes(16);
  const hashed = (value: string) => createHmac('sha256', salt).update(value).digest('hex').slice(0, 8);
  const some = (ids: readonly string[]) => {
    const unknown = ids.filter((id) => !catalogue.some((probe) => probe.id === id));
    if (unknown.length > 0) throw new Error(`no probe ${unknown.join(', ')}`);
    return catalogue.filter(({ id }) => ids.includes(id));
  };
  const probe: ProbeLab['probe'] = async (container, ids, { allow, outside = null as Outside | null } = {}) =>
    probeTarget(shop, await lab.engine.inspect(container), {
      probes: some(ids),
      around: await surroundings(lab.engine, Date.now(), base.signal),
      allow: { ...nothingAllowed, ...allow },
      outside,
      hashed,
    });
  return {
    ...lab,
    shop,
    probe,
    async ask(container, id, options) {
      const { evaluated } = await probe(container, [id], options);
      const [one] = evaluated;
      if (one === undefined) throw new Error(`${id} gave no answer`);
      return [one.answer.state, one.answer.evidence];
    },
    selfTest: async (ids, { full = false, outside = null as Outside | null } = {}) =>
      selfTest(shop, {
        probes: some(ids),
        weakDummies,
        host: (await surroundings(lab.engine, Date.now(), base.signal)).host,
        full,
        outside,
        hashed,
        limit: pLimit(4),
      }),
    async close() {
      if ('volume' in tools) await lab.engine.removeVolume(tools.volume);
      await lab.close();
    },
  };
}
