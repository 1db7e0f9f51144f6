import { sameService } from '../../container/same-service.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { broken, type Facts, holds, inconclusive, notApplicable, type Probe } from '../probe.ts';
import { ofAll } from '../read.ts';
import { type SecretFound, secretsInVariables } from './secret-shapes.ts';
import { listed, readMounted, secretFiles, secretsKnown, whyUnread } from './secrets-known.ts';

export const canary: Probe = {
  id: 'SEC-06',
  group: 'secrets',
  title: 'Its secrets do not surface elsewhere',
  attempt:
    'Looks for the values that it has in its environment and its mounted secrets in what it printed last, in the arguments of its processes, in its labels, in its image, and in labels and commands of its neighbours.',
  severity: 'high',
  safety: 'read-only',
  reading: 'A value that is found is broken. Values of under 8 characters and plain words are not looked for: they are found anywhere.',
  control: 'There is a value to look for, and its log could be read.',
  steps: ({ inspect }) => [readMounted(inspect)],
  judge: (facts) => {
    const known = secretsKnown(facts);
    const sought = known.filter(({ value }) => value.length >= 8 && !/^[a-z]+$/i.test(value));
    const found = places(facts).flatMap(({ where, text }) => {
      const there = sought.filter(({ value }) => text.includes(value));
      return there.length === 0 ? [] : [`${where}: ${listed(there, facts)}`];
    });
    if (found.length > 0) return broken(`found in ${found.join('; in ')}`);
    const unread = whyUnread(facts, known);
    if (facts.inspect.State.Status === 'created') return notApplicable('it has never run, so nothing of it can have surfaced');
    if (unread !== null) return inconclusive(unread);
    if (known.length === 0) return notApplicable('it has no secret that can be seen: none in its environment, none mounted');
    if (sought.length === 0) return inconclusive('its secrets are so short or plain that they would be found anywhere');
    if (facts.seen?.processesRead === false)
      return inconclusive('not found where it could be looked for, but its processes could not be read whole');
    if (facts.logs === null) return inconclusive('not found where it could be looked for, but its log cannot be read');
    const which = sought.length === 1 ? 'its secret is' : `its ${sought.length} secrets are`;
    return ofAll(facts, holds(`${which} in none of its last lines, processes, labels, image and neighbours`));
  },
  weakness: { in: 'careless' },
};

interface Place {
  readonly where: string;
  readonly text: string;
}

function places({ inspect, image, history, others, logs, seen }: Facts): Place[] {
  // processes of another PID namespace are not its own
  const own = inspect.HostConfig.PidMode === '' || inspect.HostConfig.PidMode === 'private' ? (seen?.processes ?? []) : [];
  return [
    { where: 'what it printed', text: logs ?? '' },
    { where: 'the arguments of its processes', text: own.flatMap(({ argv }) => argv).join('\n') },
    { where: 'its command', text: [inspect.Path, ...inspect.Args].join('\n') },
    { where: 'its labels', text: JSON.stringify(Object.values(inspect.Config.Labels ?? {})) },
    { where: 'its image', text: `${JSON.stringify(image.Config)}\n${history.join('\n')}` },
    ...others.map((other) => ({
      where: `labels or command of ${nameOf(other)}`,
      text: [other.Path, ...other.Args, ...Object.values(other.Config.Labels ?? {})].join('\n'),
    })),
  ];
}

export const reuse: Probe = {
  id: 'SEC-07',
  group: 'secrets',
  title: 'No secret is shared with another service',
  attempt: 'Compares the secrets of its environment and its mounts with those of all other running containers, by salted hash.',
  severity: 'medium',
  safety: 'read-only',
  reading:
    'The same value, or the same file mounted as a secret, in another service is broken: to revoke it hits both. Replicas of one service may share.',
  control: 'It has a secret, and there is another service to compare with.',
  steps: ({ inspect }) => [readMounted(inspect)],
  judge: (facts) => {
    const known = secretsKnown(facts);
    const files = secretFiles(facts.inspect);
    if (known.length === 0 && files.length === 0)
      return notApplicable('it has no secret that can be seen: none in its environment, none mounted');
    const strangers = facts.others.filter((other) => !sameService(facts.inspect, other));
    if (strangers.length === 0) return ofAll(facts, notApplicable('no other service runs on this engine'));
    const shared = strangers.flatMap((other) => sharedWith(facts, known, files, other));
    if (shared.length > 0) return broken(shared.slice(0, 5).join('; '));
    const unread = whyUnread(facts, known);
    if (unread !== null) return inconclusive(`no other service mounts it, but ${unread}`);
    const where = `${strangers.length} other ${strangers.length === 1 ? 'container' : 'containers'}`;
    return ofAll(facts, holds(`none of ${Math.max(known.length, files.length)} is in ${where}`));
  },
  weakness: { in: 'shared' },
};

function sharedWith(facts: Facts, known: readonly SecretFound[], files: readonly string[], other: ContainerInspect): string[] {
  const { hashed } = facts;
  const theirs = new Map(secretsInVariables(other.Config.Env ?? []).map((found) => [hashed(found.value), found.name]));
  const values = known.flatMap(({ name, value }) => {
    const same = theirs.get(hashed(value));
    return same === undefined ? [] : [`${name} is ${same} of ${nameOf(other)} (hash ${hashed(value)})`];
  });
  const same = secretFiles(other).filter((file) => files.includes(file));
  return [...values, ...same.map((file) => `${file} is mounted in ${nameOf(other)} too`)];
}

function nameOf({ Name }: ContainerInspect): string {
  return Name.replace(/^\//, '');
}
