import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding, RunRecord } from '../../src/domain/words.ts';
import { busybox, docker, type Fixture } from '../support/containers.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';

/** A home whose helper image gets the fixture image's static busybox. */
export async function homeWithBusybox(box: Fixture): Promise<Pitwall> {
  const home = pitwall();
  const text = await docker('run', '--rm', '--label', box.label, busybox, 'sh', '-c', 'base64 $(readlink -f /proc/1/exe)');
  mkdirSync(join(home.home, 'helper'));
  writeFileSync(join(home.home, 'helper/busybox'), Buffer.from(text, 'base64'));
  return home;
}

/** Ends on SIGTERM, reaps what is left to it. */
export const behaves = 'trap "exit 0" TERM; while :; do sleep 0.1 & wait $!; done';

/** `docker run` arguments of a service in the fixture's own Compose project. */
export function service(box: Fixture, name: string, needs: readonly string[] | null = null): string[] {
  const labels = [`com.docker.compose.project=${box.id}`, `com.docker.compose.service=${name}`];
  if (needs !== null) labels.push(`com.docker.compose.depends_on=${needs.map((need) => `${need}:service_started:false`).join(',')}`);
  return [...labels.flatMap((label) => ['--label', label]), '--network', box.name('net'), '--network-alias', name];
}

export function healthcheck(command: string): string[] {
  return ['--health-interval', '200ms', '--health-timeout', '2s', '--health-retries', '2', '--health-cmd', command];
}

/** Is answered by the service `db`. */
export const asksDb = 'timeout 1 wget -q -O /dev/null http://db/';
export const db = ['sh', '-c', 'mkdir -p /tmp/w && echo ok > /tmp/w/index.html && exec httpd -f -h /tmp/w'];

export function drill(box: Fixture, services: readonly string[], rest: string): string {
  return `name: lifecycle
kind: lifecycle
targets: { compose: { project: ${box.id}, services: [${services.join(', ')}] } }
${rest}
`;
}

/** `good LC-01 holds`: short name, probe and state of each finding, sorted. */
export function states(box: Fixture, record: RunRecord): string[] {
  return record.findings.map(({ target, probe, state }) => `${target?.slice(box.id.length + 1)} ${probe} ${state}`).sort();
}

export function finding(box: Fixture, record: RunRecord, target: string, probe: string): Finding {
  const found = record.findings.find((one) => one.target === box.name(target) && one.probe === probe);
  if (found === undefined) throw new Error(`no ${probe} of ${target}`);
  return found;
}

/** Of Pitwall's own things those of this run: containers, volumes, networks. */
export async function leftOf(runId: string): Promise<string[]> {
  const filter = `label=pitwall.run=${runId}`;
  const all = [
    await docker('ps', '-aq', '--filter', filter),
    await docker('volume', 'ls', '-q', '--filter', filter),
    await docker('network', 'ls', '-q', '--filter', filter),
  ];
  return all.flatMap((text) => text.split('\n').filter(Boolean));
}
