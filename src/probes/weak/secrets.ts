import type { WeakDummy } from './weak-dummy.ts';

// of no known shape, so that no scanner of repositories takes them for real ones
const planted = 'planted-3f9a1c5e7b2d';

export const secretsWeak: readonly WeakDummy[] = [
  {
    // a secret in its environment, that it prints; another in its command, a third mounted for everybody to read, and a key left behind
    name: 'careless',
    how: 'run',
    config: {
      User: '0:0',
      Env: [`PLANTED_PASSWORD=${planted}`],
      Healthcheck: { Test: ['CMD', 'check', `--password=${planted}`], Interval: 3_600_000_000_000 },
    },
    setUp: [
      'echo "connecting with $PLANTED_PASSWORD"',
      '$B mkdir -p /run/secrets /root/.ssh && echo planted >/run/secrets/db && $B chmod 644 /run/secrets/db',
      // not in one piece, so that it is not found in this script
      "$B printf '%s PRIVATE KEY-----\\n' '-----BEGIN OPENSSH' >/root/.ssh/id_ed25519",
    ].join('\n'),
  },
  {
    name: 'leaky-image',
    how: 'declared',
    image: {
      changes: [`ENV PLANTED_TOKEN=${planted}`],
      createdBy: ['|1', `PLANTED_TOKEN=${planted}`, '/bin/sh', '-c', 'install --from registry'],
    },
  },
  {
    name: 'shared',
    how: 'declared',
    twin: true,
    config: { Env: [`PLANTED_PASSWORD=${planted}`] },
  },
];
