import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monotonicFactory } from 'ulid';
import { sweep } from '../../src/container/sweep.ts';
import type { FreezeResult, Freezer } from '../../src/domain/evidence.ts';
import type { ChangeHandler, Json } from '../../src/domain/journal.ts';
import type { DrillKind, Plan, RunContext } from '../../src/domain/kind.ts';
import { seededRandom } from '../../src/domain/random.ts';
import { asTarget, type Target } from '../../src/domain/target.ts';
import type { Finding } from '../../src/domain/words.ts';
import { canaryHandler } from '../../src/drills/forensic-freeze/canary-change.ts';
import { createForensics } from '../../src/forensics/create-forensics.ts';
import { openStore } from '../../src/store/open.ts';
import { realClock } from '../checks/scope.ts';
import { type Lab, openLab } from '../helper/lab.ts';
import { docker } from '../support/containers.ts';

export interface Seen {
  readonly runId: string;
  readonly plan: Plan;
  readonly measured: Record<string, number>;
  readonly outcomes: Record<string, string>;
  readonly events: string[];
  readonly findings: Finding[];
  readonly artifacts: Record<string, Json>;
  readonly results: FreezeResult[];
  readonly error: unknown;
}

export type DrillLab = Awaited<ReturnType<typeof openDrillLab>>;

/** The real engine, a store and the real freezer, with a runner around a drill that does no more than it must. */
export async function openDrillLab(what: string) {
  const lab: Lab = await openLab(what);
  const { engine } = lab;
  const folder = await mkdtemp(join(tmpdir(), `pitwall-${what}-`));
  const store = openStore({ path: join(folder, 'pitwall.db'), clock: realClock });
  const processId = store.processes.register('command').id;
  const image = await lab.image({ build: await lab.build(), busybox: await lab.busybox() });
  const newId = monotonicFactory();
  const forensics = createForensics({
    store,
    clock: realClock,
    root: join(folder, 'evidence'),
    home: folder,
    registry: null,
    credentials: () => null,
    host: { name: hostname(), bootId: null, zone: 'UTC', kernel: release(), architecture: 'x86_64', addresses: [] },
    version: 'test',
    actor: 'test',
    engines: async () => [engine],
    helperImage: async () => image.reference,
    newId: () => newId(),
  });
  const handlers = new Map<string, ChangeHandler>([...forensics.handlers, canaryHandler].map((handler) => [handler.kind, handler]));
  const ids = new Set<string>();

  return {
    lab,
    engine,
    store,
    image,
    /** Of Pitwall's own, by this lab's database: containers, volumes, networks. */
    async left(): Promise<string[]> {
      const ours = `label=pitwall.instance=${store.instanceId}`;
      const all = [
        await docker('ps', '-a', '--filter', ours, '--format', '{{.Names}}'),
        await docker('volume', 'ls', '-q', '--filter', ours),
        await docker('network', 'ls', '-q', '--filter', ours),
      ];
      return all.flatMap((text) => text.split('\n').filter(Boolean));
    },
    async target(id: string): Promise<Target> {
      return asTarget(await engine.inspect(id));
    },
    /** Settles what the run left open, as the runner does. */
    async reconcile(runId: string): Promise<string[]> {
      const notes: string[] = [];
      for (const change of store.journal.openChanges({ runId })) {
        const settled = await handlers
          .get(change.kind)
          ?.reconcile(change, { engine, clock: realClock, signal: new AbortController().signal });
        if (settled === undefined) throw new Error(`no handler for ${change.kind}`);
        const note = settled.state === 'residue' ? settled.residue.join('; ') : settled.note;
        store.journal.close(change.id, settled.state, note);
        notes.push(`${settled.state}: ${note}`);
      }
      return notes;
    },
    async practise<P>(
      kind: DrillKind<P>,
      targets: readonly Target[],
      given: object,
      over: { readonly freezer?: (real: Freezer) => Freezer; readonly signal?: AbortSignal; onEvent?(type: string): void } = {},
    ): Promise<Seen> {
      const runId = newId();
      ids.add(runId);
      const info = await engine.info();
      const engineIdentity = { name: engine.name, id: info.id, version: info.version, environment: 'local' };
      store.runs.open({
        id: runId,
        drill: 'test',
        kind: kind.name,
        trigger: 'manual',
        actor: 'test',
        engine: engineIdentity,
        seed: 'x',
        definition: 'sha256:00',
        definitionText: '',
        processId,
      });
      const seen = {
        measured: {} as Record<string, number>,
        outcomes: {} as Record<string, string>,
        events: [] as string[],
        findings: [] as Finding[],
        artifacts: {} as Record<string, Json>,
        results: [] as FreezeResult[],
        error: null as unknown,
      };
      const asked = {
        engine,
        params: kind.params.parse(given),
        targets,
        clock: realClock,
        random: seededRandom('x'),
        signal: over.signal ?? new AbortController().signal,
      };
      const plan = await kind.plan(asked);
      const real = over.freezer?.(forensics.freezer) ?? forensics.freezer;
      const context: RunContext<P> = {
        ...asked,
        runId,
        plan,
        actor: 'test',
        trigger: 'manual',
        instance: store.instanceId,
        journal: store.journal.forRun(runId, engine.name, info.id),
        helperImage: async () => image,
        secret: () => {
          throw new Error('no secret is asked for here');
        },
        alerts: { whyDeaf: () => 'nobody listens', seen: () => [] },
        freezer: {
          async freeze(request, io) {
            const outcome = await real.freeze(request, io);
            seen.results.push(...outcome.cases);
            return outcome;
          },
        },
        async forEachUnit(work) {
          for (const unit of plan.units) await work(unit);
        },
        measure(name, target, value) {
          if (!(name in kind.measures)) throw new Error(`${kind.name} declares no ${name}`);
          seen.measured[name] = value;
          if (target === null) return;
        },
        finding: (finding) => void seen.findings.push(finding),
        findings: (several) => void seen.findings.push(...several),
        artifact(name, content) {
          seen.artifacts[name] = content;
        },
        event(type, _, message) {
          seen.events.push(`${type}: ${message}`);
          over.onEvent?.(type);
        },
        outcome(target, outcome) {
          seen.outcomes[target.name] = outcome;
        },
        residue: (sentence) => void seen.events.push(`residue: ${sentence}`),
        steadyStateHolds: () => Promise.resolve(true),
        failedMs: () => Promise.resolve(null),
      };
      await kind.run(context).catch((error: unknown) => {
        seen.error = error;
      });
      return { runId, plan, ...seen };
    },
    async close(): Promise<void> {
      const left = await this.left();
      await sweep(engine, { instance: store.instanceId, allInstances: false, now: Date.now(), isEnded: () => true });
      for (const one of await engine.images({ labels: ['pitwall.evidence'] })) {
        const id = one.labels['pitwall.evidence'] ?? '';
        if (store.evidence.get(id) !== null) await engine.removeImage(one.id);
      }
      store.close();
      await lab.close();
      await rm(folder, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
    },
  };
}
