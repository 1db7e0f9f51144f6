import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readComposeFile } from '../../src/config/compose/compose-file.ts';
import { makeSubjects } from '../../src/container/subject/subject.ts';
import { sweep } from '../../src/container/sweep.ts';
import type { Engine } from '../../src/domain/engine.ts';
import { connect } from '../helper/lab.ts';
import { busybox, docker } from '../support/containers.ts';
import { confinement, madeByCompose, owner } from './lab.ts';

const { options, left } = owner();
let engine: Engine;
let folder: string;

beforeAll(() => {
  engine = connect();
  folder = mkdtempSync(join(tmpdir(), 'pitwall-compose-'));
});
afterAll(async () => {
  try {
    expect(await left()).toEqual(['', '', '']);
  } finally {
    await sweep(engine, { instance: options.instance, allInstances: false, now: Date.now(), isEnded: () => true });
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

const everything = `
name: everything
services:
  base:
    image: ${busybox}
    environment: { A: one, B: two }
    cap_drop: [ALL]
  all:
    extends: base
    command: sh -c 'sleep 1; echo "a b"'
    entrypoint: ["/bin/busybox"]
    user: "1000:1000"
    working_dir: /tmp
    hostname: everything
    environment: ["B=\${B_VALUE:-three}", FROM_OUTSIDE]
    env_file: [more.env]
    cap_add: [NET_BIND_SERVICE]
    security_opt: ["no-new-privileges:true", "seccomp=unconfined", "systempaths=unconfined"]
    read_only: true
    mem_limit: 1.5gb
    memswap_limit: 2g
    mem_reservation: 64m
    pids_limit: 99
    cpus: 0.5
    cpu_shares: 512
    shm_size: 32mb
    ulimits: { nofile: 1024, nproc: { soft: 10, hard: 20 } }
    sysctls: { net.ipv4.ip_forward: 0 }
    group_add: ["2000"]
    oom_score_adj: 100
    init: true
    stop_signal: SIGINT
    stop_grace_period: 1m30s
    tty: true
    stdin_open: true
    restart: on-failure:3
    ipc: shareable
    tmpfs: ["/run:size=1m", /scratch]
    devices: ["/dev/null:/dev/nothing:r"]
    ports: ["127.0.0.1::80", "9000-9001:9000-9001/udp", "[::1]:18443:443", { target: 53, published: "10053", protocol: udp, host_ip: 127.0.0.1 }]
    expose: ["8125"]
    logging: { driver: json-file, options: { max-size: 1m } }
    healthcheck: { test: "true", interval: 1m30s, timeout: 500ms, retries: 4, start_period: 2s }
    volumes:
      - ./here:/here:ro
      - /etc/hostname:/host-name
      - data:/data
      - /nameless
      - { type: bind, source: ./here, target: /there, read_only: true, bind: { propagation: rslave } }
      - { type: volume, source: data, target: /again, read_only: true }
      - { type: tmpfs, target: /quick, tmpfs: { size: 1048576 } }
    secrets: [token, { source: token, target: /etc/token }]
    configs: [{ source: settings, target: /etc/settings }]
  limits:
    image: ${busybox}
    privileged: true
    network_mode: none
    pid: host
    uts: host
    ipc: host
    deploy: { replicas: 3, resources: { limits: { cpus: "0.25", memory: 50M, pids: 7 }, reservations: { memory: 20M } }, restart_policy: { condition: any } }
    healthcheck: { disable: true }
  plain:
    image: ${busybox}
secrets:
  token: { file: ./token }
configs:
  settings: { file: ./token }
volumes:
  data:
`;

test('a service has the confinement that Compose itself would give it, key by key', async () => {
  const { real, ours } = await both('everything.yaml', everything, {});
  expect([...ours.keys()].sort()).toEqual(['all', 'base', 'limits', 'plain']);
  for (const [name, inspect] of ours) expect({ [name]: confinement(inspect) }).toEqual({ [name]: confinement(real.get(name) as never) });
});

test('the services of the demo shop are as Compose makes them', async () => {
  const file = join(import.meta.dirname, '../../demo/shop/docker-compose.yml');
  const environment = {
    SHOP_IMAGE: busybox,
    SHOP_POSTGRES_IMAGE: busybox,
    SHOP_REDIS_IMAGE: busybox,
    SHOP_SECRETS: join(folder, 'no-such-folder'),
    SHOP_DB_ADMIN_PASSWORD: 'a',
    SHOP_REDIS_ADMIN_PASSWORD: 'b',
  };
  const { real, ours } = await both(file, null, environment);
  expect([...ours.keys()].sort()).toEqual(['api', 'db', 'front', 'redis', 'weak', 'web']);
  for (const [name, inspect] of ours) expect({ [name]: confinement(inspect) }).toEqual({ [name]: confinement(real.get(name) as never) });
  // neither made by us, nor by our asking for a file where it would stand
  expect(existsSync(join(folder, 'no-such-folder'))).toBe(false);
});

async function both(name: string, text: string | null, environment: Readonly<Record<string, string>>) {
  const file = text === null ? name : join(folder, name);
  if (text !== null) {
    mkdirSync(join(folder, 'here'), { recursive: true });
    writeFileSync(join(folder, 'token'), 'x');
    writeFileSync(join(folder, 'more.env'), '# comment\nexport C="four $A_VALUE"\nD=\'five $X\' \nA=overridden\n');
    writeFileSync(join(folder, '.env'), 'A_VALUE=six # a comment\nB_VALUE=seven\n');
    writeFileSync(file, text);
  }
  const env = { FROM_OUTSIDE: 'yes', HOME: folder, ...environment };
  const project = `t${randomBytes(4).toString('hex')}`;
  const compose = (...args: string[]) =>
    promisify(execFile)('docker-compose', ['-f', file, '-p', project, ...args], { env: { ...process.env, ...env } });
  const { services } = readComposeFile(file, { cwd: folder, environment: env });
  await compose('create', '--pull', 'never', '--no-build');
  try {
    const subjects = await makeSubjects(engine, services, {
      ...options,
      project,
      onLeft: (sentence) => {
        throw new Error(sentence);
      },
    });
    try {
      expect(subjects.targets.map((target) => target.inspect.State.Status)).toEqual(subjects.targets.map(() => 'created'));
      for (const { inspect, id } of subjects.targets) {
        for (const { Destination } of inspect.Mounts) await engine.statPath(id, Destination);
      }
      const real = await madeByCompose(engine, project);
      return { real, ours: new Map(subjects.targets.map((target) => [target.service as string, target.inspect])) };
    } finally {
      await subjects.remove();
    }
  } finally {
    await compose('down', '-v', '--timeout', '1');
    expect(await docker('ps', '-aq', '--filter', `label=com.docker.compose.project=${project}`)).toBe('');
  }
}
