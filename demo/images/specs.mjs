import { fileURLToPath } from 'node:url';

/** @typedef {import('./ensure.mjs').ImageSpec} ImageSpec */

export const SUITE = 'trixie';
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** A shell, tools, and a process that does nothing and ends at once when told. @type {ImageSpec} */
export const busybox = {
  tag: 'pitwall-fixture/busybox:1',
  official: 'busybox:stable-musl',
  suite: SUITE,
  packages: ['busybox-static'],
  config: [`CMD ["/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done"]`],
};

/** PostgreSQL 17; see entry/postgres.sh. @type {ImageSpec} */
export const postgres = {
  tag: 'pitwall-fixture/postgres:1',
  official: 'postgres:17',
  suite: SUITE,
  packages: ['postgresql-17'],
  prune: [
    'usr/lib/*/perl*',
    'usr/share/perl*',
    'usr/bin/perl*',
    'usr/lib/*/libLLVM*',
    'usr/lib/*/libz3*',
    'usr/lib/*/libperl*',
    'usr/lib/postgresql/17/lib/bitcode',
    'usr/lib/postgresql/17/lib/llvmjit*',
    'usr/share/i18n',
    'usr/lib/systemd',
    'usr/lib/*/gconv',
  ],
  files: { '/entry.sh': here('entry/postgres.sh') },
  folders: ['/var/lib/postgresql/data:postgres:700', '/initdb:postgres:755'],
  config: [
    'ENV PATH=/usr/lib/postgresql/17/bin:/usr/local/bin:/usr/bin:/bin PGDATA=/var/lib/postgresql/data',
    'VOLUME /var/lib/postgresql/data',
    'EXPOSE 5432',
    'USER postgres',
    'STOPSIGNAL SIGTERM',
    'ENTRYPOINT ["/entry.sh"]',
    'CMD []',
  ],
};

/** Redis 8; see entry/redis.sh. @type {ImageSpec} */
export const redis = {
  tag: 'pitwall-fixture/redis:1',
  official: 'redis:8',
  suite: SUITE,
  packages: ['redis-server'],
  prune: ['usr/lib/*/gconv', 'usr/lib/systemd', 'usr/share/perl*'],
  files: { '/entry.sh': here('entry/redis.sh') },
  folders: ['/data:redis:755'],
  config: ['VOLUME /data', 'WORKDIR /data', 'EXPOSE 6379', 'USER redis', 'STOPSIGNAL SIGTERM', 'ENTRYPOINT ["/entry.sh"]', 'CMD []'],
};

/** HAProxy 3: a TLS server that refuses certificates by alerts, and takes new files when told (SIGUSR2). @type {ImageSpec} */
export const haproxy = {
  tag: 'pitwall-fixture/haproxy:1',
  official: 'haproxy:3.0',
  suite: SUITE,
  packages: ['haproxy'],
  prune: ['usr/lib/*/gconv', 'usr/share/perl*', 'usr/lib/*/perl*', 'usr/bin/perl*', 'usr/lib/systemd'],
  folders: ['/tls:root:755'],
  config: ['USER root', 'EXPOSE 8443', 'STOPSIGNAL SIGUSR1', 'ENTRYPOINT []', 'CMD ["haproxy", "-W", "-db", "-f", "/tls/haproxy.cfg"]'],
};

/**
 * A crypto-anchor on SoftHSM, and an application that keeps its orders sealed by it: see demo/anchor. The official image lacks the packages, so
 * they are installed in it. @type {ImageSpec}
 */
export const anchor = {
  tag: 'pitwall-fixture/anchor:1',
  official: 'node:20-trixie-slim',
  suite: SUITE,
  packages: ['softhsm2', 'opensc'],
  install: true,
  prune: ['usr/lib/*/gconv', 'usr/lib/systemd', 'usr/share/perl*', 'usr/bin/perl*', 'usr/lib/*/perl*', 'usr/share/i18n'],
  node: true,
  files: { '/app': here('../anchor') },
  folders: ['/anchor:node:700', '/orders:node:700'],
  config: [
    'ENV PATH=/usr/local/bin:/usr/bin:/bin',
    'WORKDIR /app',
    'EXPOSE 8200',
    'USER node',
    'STOPSIGNAL SIGTERM',
    'CMD ["node", "anchor.js"]',
  ],
};

/** A registry for docker-compose.yml. @type {ImageSpec} */
export const registry = {
  tag: 'pitwall-demo/registry:2',
  official: 'registry:2',
  suite: SUITE,
  packages: ['docker-registry'],
  prune: ['usr/lib/*/gconv'],
  files: { '/etc/docker/registry/config.yml': here('registry.yml') },
  folders: ['/var/lib/registry:root:755'],
  config: ['VOLUME /var/lib/registry', 'EXPOSE 5000', 'ENTRYPOINT ["docker-registry"]', 'CMD ["serve", "/etc/docker/registry/config.yml"]'],
};
