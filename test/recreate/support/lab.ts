import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiAtLeast } from '../../../src/container/api-version.ts';
import type { Clock } from '../../../src/domain/clock.ts';
import type { ContainerInspect, ContainerSummary, CreateBody } from '../../../src/domain/engine/containers.ts';
import type { Engine } from '../../../src/domain/engine.ts';
import { asTarget, type Target } from '../../../src/domain/target.ts';
import { connectEngine } from '../../../src/engine/connect.ts';

export const image = 'pitwall-fixture/busybox:1';

export const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
      throw signal?.aborted ? signal.reason : error;
    });
  },
};

export function engineOfTheTest(): Engine {
  const host = process.env.DOCKER_HOST;
  if (host === undefined) throw new Error('DOCKER_HOST names no engine: these tests need a real one');
  return connectEngine({ name: 'local', host, environment: 'local' }, { clock });
}

/** Containers, networks and volumes under one label, all of them taken away at the end. */
export class Lab {
  readonly engine = engineOfTheTest();
  readonly mark = `recreate-${randomBytes(4).toString('hex')}`;
  readonly labels = { 'pitwall.test': this.mark };
  readonly #volumes = new Set<string>();

  name(what: string): string {
    return `${this.mark}-${what}`;
  }

  async run(what: string, body: Partial<CreateBody> = {}): Promise<Target> {
    const { apiVersion } = await this.engine.info();
    const endpoints = Object.entries(body.NetworkingConfig?.EndpointsConfig ?? {});
    // before API 1.44 a container is created with one network, and joins the others afterwards
    const atCreation = apiAtLeast(apiVersion, '1.44') ? endpoints : endpoints.slice(0, 1);
    const { id } = await this.engine.create(this.name(what), {
      Image: image,
      ...body,
      ...(endpoints.length > 0 ? { NetworkingConfig: { EndpointsConfig: Object.fromEntries(atCreation) } } : {}),
      Labels: { ...body.Labels, ...this.labels },
      HostConfig: { ...body.HostConfig },
    });
    for (const [network, endpoint] of endpoints.slice(atCreation.length)) await this.engine.connect(network, id, endpoint);
    await this.engine.start(id);
    return this.target(id);
  }

  async target(reference: string): Promise<Target> {
    return asTarget(this.#seen(await this.engine.inspect(reference)));
  }

  /** A volume without a name is known by who mounted it. */
  #seen(inspect: ContainerInspect): ContainerInspect {
    for (const { Type, Name } of inspect.Mounts) if (Type === 'volume' && Name) this.#volumes.add(Name);
    return inspect;
  }

  network(what: string, body: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return this.engine.createNetwork(this.name(what), { ...body, Labels: this.labels });
  }

  volume(what: string): Promise<void> {
    return this.engine.createVolume(this.name(what), this.labels);
  }

  async shell(id: string, script: string): Promise<string> {
    const { stdout, stderr } = await this.engine.exec(id, ['sh', '-c', script]);
    return stdout.trim() + stderr.trim();
  }

  /** Every container of the lab, stopped ones included. */
  async containers(): Promise<ContainerInspect[]> {
    return this.#inspected(await this.engine.list({ all: true, labels: [`pitwall.test=${this.mark}`] }));
  }

  async all(): Promise<ContainerInspect[]> {
    return this.#inspected(await this.engine.list({ all: true }));
  }

  /** Tests beside this one come and go. */
  async #inspected(listed: readonly ContainerSummary[]): Promise<ContainerInspect[]> {
    const found = await Promise.all(listed.map((one) => this.engine.inspect(one.id).catch(() => null)));
    return found.filter((one) => one !== null);
  }

  /** Ends with nothing left under the label. */
  async sweep(): Promise<void> {
    const filter = { labels: [`pitwall.test=${this.mark}`] };
    for (const one of await this.containers()) this.#seen(one);
    for (const one of await this.engine.list({ all: true, ...filter })) await this.engine.remove(one.id, { force: true });
    for (const one of await this.engine.networks(filter)) await this.engine.removeNetwork(one.Id);
    const labelled = (await this.engine.volumes(filter)).map((one) => one.name);
    const there = (await this.engine.volumes()).map((one) => one.name);
    for (const name of there) if (this.#volumes.has(name) || labelled.includes(name)) await this.engine.removeVolume(name);
    for (const one of await this.engine.images(filter)) await api('DELETE', `/images/${one.id}?force=true`);
    const left = [
      ...(await this.engine.list({ all: true, ...filter })),
      ...(await this.engine.volumes(filter)),
      ...(await this.engine.networks(filter)),
    ];
    await this.engine.close();
    if (left.length > 0) throw new Error(`the test left ${left.length} things behind`);
  }
}

/** The engine as one that speaks no more than this version of the API shows and takes things. */
export function olderEngine(engine: Engine, version: string): Engine {
  const call = (method: string, path: string, body?: unknown) => api(method, `/v${version}${path}`, body);
  return {
    ...engine,
    info: async () => ({ ...(await engine.info()), apiVersion: version }),
    inspect: async (id) => (await call('GET', `/containers/${id}/json`)) as ContainerInspect,
    async create(name, body) {
      const made = (await call('POST', `/containers/create?name=${name}`, body)) as { Id: string };
      return { id: made.Id, warnings: [] };
    },
    async connect(network, container, endpoint) {
      await call('POST', `/networks/${network}/connect`, { Container: container, EndpointConfig: endpoint });
    },
  };
}

/** The engine's API as it is, for what Pitwall itself never asks for. */
export async function api(method: string, path: string, body?: unknown): Promise<unknown> {
  const socketPath = (process.env.DOCKER_HOST ?? '').replace(/^unix:\/\//, '');
  const text = await new Promise<string>((resolve, reject) => {
    const sent = request({ socketPath, method, path, headers: { host: 'docker', 'content-type': 'application/json' } }, (answer) => {
      let got = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (got += chunk));
      answer.on('end', () =>
        (answer.statusCode ?? 500) < 400 ? resolve(got) : reject(new Error(`${method} ${path}: ${answer.statusCode} ${got}`)),
      );
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
  return text === '' ? null : JSON.parse(text.split('\n').findLast((line) => line !== '') as string);
}
