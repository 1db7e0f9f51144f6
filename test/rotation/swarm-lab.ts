import { randomBytes } from 'node:crypto';
import type { ServiceInspect } from '../../src/domain/engine/swarm.ts';
import type { Engine } from '../../src/domain/engine.ts';
import { Secret } from '../../src/domain/secret.ts';
import { belonging } from '../../src/domain/target.ts';
import { httpPoints } from '../../src/drills/secret-rotation/http-points.ts';
import { type OpenScope, openScope, type ScopeParts } from '../../src/drills/secret-rotation/scope.ts';
import type { Params } from '../../src/drills/secret-rotation/systems/swarm-secret/index.ts';
import { connectEngine } from '../../src/engine/connect.ts';
import { realClock } from '../checks/scope.ts';
import type { SwarmEngine } from '../support/swarm.ts';

/** A service that lets in what the file `token`, or `token_other`, has. */
const checker = `mkdir -p /www/cgi-bin
cat > /www/cgi-bin/check <<'END'
#!/bin/sh
for file in /run/secrets/token /run/secrets/token_other; do
  [ -f $file ] && [ "$HTTP_X_TOKEN" = "$(cat $file)" ] && { printf 'Status: 200 OK\\r\\n\\r\\n'; exit; }
done
printf 'Status: 401 Unauthorized\\r\\n\\r\\n'
END
chmod +x /www/cgi-bin/check
trap 'exit 0' TERM
httpd -f -p 8080 -h /www &
wait`;

const idle = `trap 'exit 0' TERM; while :; do sleep 0.1; done`;

export interface World {
  readonly engine: Engine;
  readonly swarm: SwarmEngine;
  /** Whole names of what there is. */
  readonly api: string;
  readonly worker: string;
  readonly from: string;
  readonly token: string;
  readonly value: string;
  params(over?: Partial<Params>): Params;
  scope(over?: Partial<ScopeParts>): Promise<OpenScope>;
  inspect(name: string): Promise<ServiceInspect>;
  /** References of the tasks that run, as `file=secret`. */
  mounted(name: string): Promise<string[]>;
  /** References and settings of the services that use it. */
  specs(): Promise<unknown>;
  /** Names of the versions that there are. */
  versions(): Promise<string[]>;
}

/** `api` (two replicas) checks the token, `worker` has it too, `from` shares a network with `api` alone. Names begin with `prefix`. `only`: tasks of `api` are unhealthy with any other value. */
export async function makeWorld(
  swarm: SwarmEngine,
  engine: Engine,
  prefix: string,
  given: { readonly helper: string; readonly replicas?: number; readonly only?: boolean },
): Promise<World> {
  const [api, worker, from, token, network] = ['api', 'worker', 'from', 'token', 'net'].map((one) => `${prefix}${one}`) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const { replicas = 1 } = given;
  const value = `old-${randomBytes(9).toString('hex')}`;
  const optedIn = ['--container-label', 'pitwall.drills=all'];
  // Swarm waits 2 s before it stops what is on a network of its own, so the worker is on none.
  const optIn = [...optedIn, '--network', swarm.name(network)];
  const uses = ['--secret', `source=${swarm.name(token)},target=token,mode=0440`];
  await swarm.secret(token, `${value}\n`, '--label', 'team=shop');
  await swarm.docker('network', 'create', '-d', 'overlay', '--label', swarm.label, swarm.name(network));
  await Promise.all([
    swarm.service(
      api,
      '--replicas',
      String(replicas),
      ...(given.only === true ? [...quick, ...onlyWith(value)] : fast),
      ...optIn,
      ...uses,
      '--',
      'sh',
      '-c',
      checker,
    ),
    swarm.service(worker, ...fast, ...optedIn, ...uses, '--', 'sh', '-c', idle),
    swarm.service(from, ...fast, ...optIn, '--', 'sh', '-c', idle),
  ]);
  await Promise.all([swarm.runs(api, replicas), swarm.runs(worker), swarm.runs(from)]);
  const inspect = (name: string) => engine.inspectService(swarm.name(name));
  return {
    engine,
    swarm,
    api: swarm.name(api),
    worker: swarm.name(worker),
    from: swarm.name(from),
    token: swarm.name(token),
    value,
    params: (over = {}) => ({
      secret: swarm.name(token),
      points: httpPoints().parse([{ service: swarm.name(api), port: 8080, path: '/cgi-bin/check', header: 'x-token: {secret}' }]),
      from: swarm.name(from),
      alsoReads: 'token_other',
      updateWithin: 30_000,
      ...over,
    }),
    async scope(over = {}) {
      const targets = (await engine.list({ labels: [swarm.label] })).filter(({ labels }) => labels['pitwall.drills'] !== undefined);
      return openScope({
        engine,
        clock: realClock,
        signal: AbortSignal.timeout(60_000),
        runId: `01${randomBytes(12).toString('hex').toUpperCase()}`,
        instance: swarm.id,
        plan: 'leak',
        credential: 'real',
        targets: targets.map(({ name, labels }) => ({ name, service: belonging(labels).service })),
        helperImage: () => Promise.resolve({ reference: given.helper }),
        secret: () => new Secret(value),
        held: () => Promise.resolve(null),
        event: () => undefined,
        ...over,
      });
    },
    inspect,
    async mounted(name) {
      const tasks = await engine.tasks({ service: (await inspect(name)).ID });
      const running = tasks.filter(({ DesiredState, Status }) => DesiredState === 'running' && Status.State === 'running');
      return running.map(({ Spec }) =>
        (Spec.ContainerSpec?.Secrets ?? [])
          .map(({ File, SecretName }) => `${File?.Name}=${SecretName}:${File?.Mode}`)
          .toSorted()
          .join(),
      );
    },
    async specs() {
      const all = await Promise.all([api, worker].map(inspect));
      return all.map(({ Spec }) => Spec);
    },
    versions: async () =>
      (await engine.secrets({ labels: [swarm.label] }))
        .map(({ Spec }) => Spec.Name)
        .filter((name) => name.startsWith(swarm.name(token)))
        .toSorted(),
  };
}

function onlyWith(value: string): string[] {
  return [
    '--health-cmd',
    `[ "$(cat /run/secrets/token)" = ${value} ]`,
    '--health-interval',
    '200ms',
    '--health-retries',
    '3',
    // Swarm must see the failure before it takes the next replica
    '--update-delay',
    '2s',
    '--restart-condition',
    'none',
  ];
}

/** Swarm's own defaults wait 5 s here and there. */
const quick = ['--update-monitor', '500ms', '--restart-delay', '100ms', '--stop-grace-period', '2s'];
const fast = [...quick, '--update-parallelism', '0'];

/** An engine that is gone after so many calls that changed something: what follows is not done, nor asked. */
export function killedAfter(acts: number, engine: Engine): Engine {
  let done = 0;
  const acting = new Set(['createSecret', 'updateService', 'labelSecret', 'removeSecret']);
  const asking = new Set(['services', 'inspectService', 'tasks', 'secrets']);
  return new Proxy(engine, {
    get(real, name: keyof Engine) {
      const call = real[name] as unknown;
      if (typeof call !== 'function' || !(acting.has(name) || asking.has(name))) return call;
      return async (...given: unknown[]) => {
        if (done >= acts) throw new Error('killed');
        if (acting.has(name)) done += 1;
        const answer: unknown = await (call as (...given: unknown[]) => Promise<unknown>)(...given);
        if (done >= acts) throw new Error('killed');
        return answer;
      };
    },
  });
}

export function engineAt(host: string): { readonly engine: Engine } & AsyncDisposable {
  const engine = connectEngine({ name: 'elsewhere', host, environment: 'local' }, { clock: realClock });
  return { engine, [Symbol.asyncDispose]: () => engine.close() };
}
