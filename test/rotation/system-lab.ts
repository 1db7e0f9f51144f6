import type { Prober } from '../../src/checks/prober/contract.ts';
import { openProber } from '../../src/checks/prober/open-prober.ts';
import type { CreateBody } from '../../src/domain/engine/containers.ts';
import type { Engine } from '../../src/domain/engine.ts';
import { EngineError } from '../../src/domain/errors.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { System, SystemScope } from '../../src/drills/secret-rotation/system.ts';
import { never, realClock } from '../checks/scope.ts';
import { openLab } from '../helper/lab.ts';

export const runId = '01JD0000000000000000000000';

export type SystemLab = Awaited<ReturnType<typeof openSystemLab>>;

export interface TestScope extends SystemScope {
  /** What was said. */
  readonly events: readonly string[];
}

/** Services on one network, and one prober beside them. Other labs' helpers are not touched. */
export async function openSystemLab(what: string) {
  const lab = await openLab(what);
  const { reference } = await lab.image({ build: await lab.build() });
  await lab.network('net');
  const HostConfig = { NetworkMode: `${lab.mark}-net` };
  const { engine } = lab;
  const services = new Map<string, string[]>();
  const instances: string[] = [];
  const asks = await lab.run('asks', { HostConfig });
  const prober: Prober = await openProber(
    { id: asks, name: `${lab.mark}-asks` },
    { engine, clock: realClock, helperImage: async () => ({ reference }), runId, instance: lab.instance, signal: never },
  );

  return {
    engine,
    lab,
    prober,
    HostConfig,
    /** As Compose would label it, and opted in. */
    labelsOf: (service: string) => ({
      'pitwall.drills': 'all',
      'com.docker.compose.project': lab.mark,
      'com.docker.compose.service': service,
    }),
    /** One more replica of the service; what is in `files` is there before its command goes on. */
    async replica(service: string, name: string, files: Readonly<Record<string, string>>, body: Partial<CreateBody>): Promise<string> {
      const Labels = this.labelsOf(service);
      const id = await lab.run(name, { HostConfig, ...body, Labels });
      await Promise.all(Object.entries(files).map(([path, content]) => this.put(id, path, content)));
      await this.put(id, '/tmp/go', '');
      services.set(service, [...(services.get(service) ?? []), id]);
      return id;
    },
    /** A container that was started otherwise. */
    join: (service: string, id: string) => void services.set(service, [...(services.get(service) ?? []), id]),
    async put(id: string, path: string, content: string): Promise<void> {
      const script = 'umask 077; mkdir -p "$(dirname "$1")"; cat > "$1"; chmod 640 "$1"; chown 7:8 "$1"';
      const { exitCode, stderr } = await engine.exec(id, ['sh', '-c', script, 'sh', path], { stdin: content, user: '0' });
      if (exitCode !== 0) throw new Error(stderr);
    },
    /** Helpers of a process that was killed end with it; here it lives on. */
    async bury(instance: string): Promise<void> {
      for (const { id } of await engine.list({ all: true, labels: [`pitwall.instance=${instance}`] }))
        await engine.remove(id, { force: true });
    },
    /** Those that a rotation has not let go of. */
    helpersOf: async ({ instance }: SystemScope) =>
      (await engine.list({ all: true, labels: [`pitwall.instance=${instance}`] })).map(({ name }) => name),
    /** Modes, owners and digests of all in a folder. */
    state: (id: string, folder: string) => lab.shell(id, `cd ${folder} && ls -A | xargs stat -c '%a %u:%g %n' && ls -A | xargs sha256sum`),
    scope(given: Partial<SystemScope> = {}, secrets: Readonly<Record<string, string>> = {}): TestScope {
      const events: string[] = [];
      const instance = `${lab.instance}-${instances.length}`;
      instances.push(given.instance ?? instance);
      return {
        engine,
        clock: realClock,
        signal: never,
        runId,
        instance,
        plan: 'leak',
        credential: 'canary',
        service: async (name) => {
          const all = await Promise.all((services.get(name) ?? []).map((id) => engine.inspect(id)));
          return all.filter(({ State }) => State.Running).toSorted((a, b) => a.Name.localeCompare(b.Name));
        },
        others: async () => [await engine.inspect(asks)],
        held: async () => null,
        prober: async () => prober,
        helperImage: async () => ({ reference }),
        secret: (ref) => new Secret(secrets['env' in ref ? ref.env : ref.file] ?? ''),
        event: (type, message) => events.push(`${type} ${message}`),
        notTaken: (_points, why) => events.push(`not-taken ${why}`),
        events,
        ...given,
      };
    },
    async answers(
      rotation: { readonly points: readonly { readonly name: string; door(user: null): Parameters<Prober['once']>[0]['door'] }[] },
      secret: Secret,
    ) {
      const all = rotation.points.map((point) => prober.once({ door: point.door(null), secret, mode: 'login', timeoutMs: 2_000 }));
      return (await Promise.all(all)).map(({ answer }) => answer);
    },
    async close(): Promise<void> {
      await prober.close();
      // of rotations that were opened and never ended; those that were have been looked at
      for (const instance of new Set(instances)) await this.bury(instance);
      await lab.close();
    },
  };
}

const changes = /"do":"(backup|write|restore|forget)"/;

/** As if the process were killed before its nth change: from then on the engine is not reached. What looks is not counted. */
export function dyingEngine(engine: Engine, count: number): { readonly engine: Engine; died(): boolean } {
  let left = count;
  const lost = () => new EngineError('engine_unreachable', 'killed');
  const act = () => {
    left -= 1;
    if (left < 0) throw lost();
  };
  const attachBytes: Engine['attachBytes'] = async (...args) => {
    const streams = await engine.attachBytes(...args);
    return {
      ...streams,
      write(bytes) {
        if (left < 0) throw lost();
        if (changes.test(String(bytes))) act();
        streams.write(bytes);
      },
    };
  };
  return {
    died: () => left < 0,
    engine: new Proxy(engine, {
      get(target, name) {
        if (name === 'attachBytes') return attachBytes;
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          if (name === 'exec' || name === 'kill' || name === 'restart') act();
          if (left < 0) throw lost();
          return (value as (...args: unknown[]) => unknown).apply(target, args);
        };
      },
    }),
  };
}

/** The whole of a rotation in the order of its plan, but for its end. */
export async function rotate<P>(system: System<P>, params: P, scope: SystemScope) {
  const { rotation, data } = await system.open(params, scope);
  const old = await rotation.prepare();
  if (scope.plan === 'planned') {
    const fresh = await rotation.issue();
    await rotation.refuse();
    return { rotation, data, old, fresh };
  }
  await rotation.refuse();
  return { rotation, data, old, fresh: await rotation.issue() };
}
