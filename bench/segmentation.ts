import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bare, bare, socketOf } from './bare.ts';
import { pitwall, timed } from './command.ts';
import { type BenchResult, within } from './result.ts';

const rounds = 5;
const label = 'pitwall.test=bench-segmentation';

interface Size {
  readonly what: string;
  readonly services: number;
  readonly networks: number;
  readonly ports: readonly number[];
  /** ms */
  readonly most: number;
}

const sizes: readonly Size[] = [
  { what: '12 services on 3 networks, 144 pairs', services: 12, networks: 3, ports: [8080], most: 6_000 },
  { what: '50 services on 5 networks with 3 ports each', services: 50, networks: 5, ports: [8080, 8081, 8082], most: 40_000 },
];

/**
 * The whole command, with all that the drill can do: IPv6 beside IPv4, gateways and the host's listeners, published ports, a shared
 * volume, UDP, a decoy for the outside, and connections that are held open.
 */
export async function bench(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const size of sizes) results.push(within(`${size.what}: the whole command`, 'ms', size.most, await measure(size)));
  return results;
}

async function measure(size: Size): Promise<number[]> {
  const socket = socketOf(process.env);
  const docker = bare(socket, 4);
  const home = mkdtempSync(join(tmpdir(), 'pitwall-bench-segmentation-'));
  const name = (what: string) => `pitwall-bench-seg-${process.pid}-${what}`;
  const made: { containers: string[]; networks: string[] } = { containers: [], networks: [] };
  try {
    const decoy = await build(size, name, docker, made);
    writeFileSync(join(home, 'drill.yaml'), drill(size, name, decoy));
    writeFileSync(
      join(home, 'pitwall.yaml'),
      `store: { path: ${join(home, 'pitwall.db')} }\nengines: [ { name: bench, host: "unix://${socket}", environment: ci } ]\n`,
    );
    const args = [pitwall, 'run', join(home, 'drill.yaml'), '--config', join(home, 'pitwall.yaml'), '--json'];
    const values: number[] = [];
    // the first one makes the helper image, which is kept, and does not count
    for (let round = -1; round < rounds; round++) {
      const { ms, stdout, exitCode } = await timed(args);
      const record = JSON.parse(stdout) as { reason: string; measurements: { name: string; value: number }[] };
      if (exitCode !== 0) throw new Error(`pitwall run answered ${exitCode}: ${record.reason.slice(0, 500)}`);
      const of = (what: string) => record.measurements.find((measurement) => measurement.name === what)?.value ?? -1;
      if (of('unknown') !== 0 || of('cells') < size.services * (size.services - 1) * size.ports.length)
        throw new Error(`${of('cells')} cells, ${of('unknown')} of them unknown`);
      if (round >= 0) values.push(ms);
    }
    return values;
  } finally {
    for (const id of made.containers) await docker.call('DELETE', `/containers/${id}?force=1&v=1`);
    for (const id of made.networks) await docker.call('DELETE', `/networks/${id}`);
    await docker.call('DELETE', `/volumes/${name('data')}`);
    docker.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Gives the address that stands for the outside. */
async function build(
  { services, networks, ports }: Size,
  name: (what: string) => string,
  docker: Bare,
  made: { readonly containers: string[]; readonly networks: string[] },
): Promise<string> {
  const labels = { 'pitwall.test': 'bench-segmentation' };
  await docker.call('POST', '/volumes/create', { Name: name('data'), Labels: labels });
  const network = async (what: string, body: object) => {
    const { Id } = JSON.parse(await docker.call('POST', '/networks/create', { Name: name(what), Labels: labels, ...body })) as {
      Id: string;
    };
    made.networks.push(Id);
    return name(what);
  };
  const subnet = () => `fd00:${hex()}:${hex()}::/64`;
  const all: string[] = [];
  for (let i = 0; i < networks; i++)
    all.push(await network(`n${i}`, i === 0 ? { EnableIPv6: true, IPAM: { Config: [{ Subnet: subnet() }] } } : {}));
  const serve = ports.map((port) => `httpd -p ${port}`).join('; ');
  const command = ['sh', '-c', `trap "exit 0" TERM; ${serve}; while :; do sleep 60 & wait $!; done`];
  const waiting = Array.from({ length: services }, (_, i) => i);
  const worker = async () => {
    for (let i = waiting.shift(); i !== undefined; i = waiting.shift()) {
      const HostConfig = {
        NetworkMode: all[i % networks],
        Binds: i < 2 ? [`${name('data')}:/data`] : [],
        PortBindings: i === 2 ? { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] } : {},
      };
      const ExposedPorts = Object.fromEntries([...ports.map((port) => [`${port}/tcp`, {}]), ...(i === 3 ? [['5353/udp', {}]] : [])]);
      made.containers.push(await docker.run(name(`s${i}`), label, { Cmd: command, ExposedPorts, HostConfig }));
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  const outside = await network('outside', { Internal: true });
  // it has not opted in: nobody looks out from there
  const decoy = await docker.run(name('decoy'), label, { Cmd: command, Labels: labels, HostConfig: { NetworkMode: outside } });
  made.containers.push(decoy);
  const { NetworkSettings } = JSON.parse(await docker.call('GET', `/containers/${decoy}/json`)) as {
    NetworkSettings: { Networks: Record<string, { IPAddress: string }> };
  };
  return NetworkSettings.Networks[outside]?.IPAddress ?? '';
}

function hex(): string {
  return Math.floor(Math.random() * 0xffff).toString(16);
}

function drill({ services, networks, ports }: Size, name: (what: string) => string, decoy: string): string {
  const rules: string[] = [];
  for (let from = 0; from < services; from++) {
    for (let to = 0; to < services; to++) {
      if (from === to || from % networks !== to % networks) continue;
      rules.push(`      - { from: ${name(`s${from}`)}, to: ${name(`s${to}`)}, port: [${ports.join(', ')}] }`);
      if (to === 3) rules.push(`      - { from: ${name(`s${from}`)}, to: ${name(`s${to}`)}, port: 5353, protocol: udp }`);
    }
  }
  return `name: bench-segmentation
kind: segmentation
environments: [ci]
targets: { labels: { pitwall.test: bench-segmentation } }
safety: { maxTargets: ${services} }
params:
  decoy: "${decoy}:8080"
  held: 500ms
  policy:
    host: allow
    volumes: ["${name('data')}"]
    allow:
${rules.join('\n')}
`;
}
