/**
 * Below which version an engine's part has a hole that is known and mended. Ours, dated, to be read again with every release: what was published
 * after the date is not in it, so "at or above the floor" never means "without holes".
 */
export const floorsAsOf = '2026-06-30';

export interface Advisory {
  /** As `GET /version` names it. */
  readonly component: 'Engine' | 'containerd' | 'runc';
  readonly ids: readonly string[];
  readonly what: string;
  /** The first that has it; null: all before the mended ones. */
  readonly since: string | null;
  /** The first mended version of each line (major and minor), the oldest first; all lines after the last have it mended too. */
  readonly fixed: readonly string[];
  /** It matters only with authorization plugins. (Default: false.) */
  readonly withAuthorization?: boolean;
  readonly source: string;
}

/**
 * Holes that a Docker host has. Left out: those of containerd's interface for Kubernetes, which Docker does not use (CVE-2026-53488), and of runc
 * that Docker does not expose (CVE-2026-41579).
 */
export const advisories: readonly Advisory[] = [
  {
    component: 'runc',
    ids: ['CVE-2019-5736'],
    what: 'a container can overwrite runc on the host',
    since: null,
    fixed: ['1.0.0-rc7'],
    source: 'https://www.openwall.com/lists/oss-security/2019/02/11/2',
  },
  {
    component: 'runc',
    ids: ['CVE-2021-30465'],
    what: 'a link in a mount’s way leads to the host',
    since: null,
    fixed: ['1.0.0-rc95'],
    source: 'https://github.com/opencontainers/runc/security/advisories/GHSA-c3xm-pvg7-gh7r',
  },
  {
    component: 'runc',
    ids: ['CVE-2024-21626'],
    what: 'a working directory can be one of the host’s',
    since: '1.0.0-rc93',
    fixed: ['1.1.12'],
    source: 'https://github.com/opencontainers/runc/security/advisories/GHSA-xr7r-f8xq-vfvv',
  },
  {
    component: 'runc',
    ids: ['CVE-2025-31133', 'CVE-2025-52565', 'CVE-2025-52881'],
    what: 'masked paths and writes to /proc can be led astray, to the host',
    since: null,
    fixed: ['1.2.8', '1.3.3', '1.4.0-rc.3'],
    source: 'https://github.com/opencontainers/runc/security/advisories/GHSA-9493-h29p-rfm2',
  },
  {
    component: 'containerd',
    ids: ['CVE-2020-15257'],
    what: 'its shims answer at abstract sockets in the host’s network',
    since: null,
    fixed: ['1.3.9', '1.4.3'],
    source: 'https://github.com/containerd/containerd/security/advisories/GHSA-36xw-fx78-c5r4',
  },
  {
    component: 'containerd',
    ids: ['CVE-2024-25621'],
    what: 'its folders on the host are open to every local user',
    since: null,
    fixed: ['1.7.29', '2.0.7', '2.1.5', '2.2.0'],
    source: 'https://github.com/containerd/containerd/security/advisories/GHSA-pwhc-rpq9-4c8w',
  },
  {
    component: 'Engine',
    ids: ['CVE-2024-29018'],
    what: 'names asked from an internal network leave the host',
    since: null,
    fixed: ['23.0.11', '25.0.5', '26.0.0'],
    source: 'https://github.com/moby/moby/security/advisories/GHSA-mq39-4gv4-mvpx',
  },
  {
    component: 'Engine',
    ids: ['CVE-2025-54388'],
    what: 'ports published on loopback are open to others after firewalld reloads',
    since: '28.2.0',
    fixed: ['28.3.3'],
    source: 'https://github.com/moby/moby/security/advisories/GHSA-x4rx-4gw3-53p4',
  },
  {
    component: 'Engine',
    ids: ['CVE-2026-41567'],
    what: 'to copy a compressed archive into a container runs a program of the container’s on the host',
    since: null,
    fixed: ['29.5.1'],
    source: 'https://github.com/moby/moby/security/advisories/GHSA-x86f-5xw2-fm2r',
  },
  {
    component: 'Engine',
    ids: ['CVE-2024-41110'],
    what: 'a request can pass by the authorization plugins',
    since: null,
    fixed: ['23.0.15', '25.0.6', '26.1.5', '27.1.1'],
    withAuthorization: true,
    source: 'https://github.com/moby/moby/security/advisories/GHSA-v23v-6jw2-98fq',
  },
  {
    component: 'Engine',
    ids: ['CVE-2026-34040'],
    what: 'a large request can pass by the authorization plugins',
    since: null,
    fixed: ['29.3.1'],
    withAuthorization: true,
    source: 'https://github.com/moby/moby/security/advisories/GHSA-x744-4wpc-v9h2',
  },
];

/** Whether a version has it; null when the version cannot be read. */
export function isOpen({ since, fixed }: Pick<Advisory, 'since' | 'fixed'>, version: string): boolean | null {
  const given = parse(version);
  if (given === null) return null;
  if (since !== null && compare(given, parse(since) ?? given) < 0) return false;
  const mended = fixed.flatMap((text) => parse(text) ?? []);
  const line = mended.find(({ numbers }) => numbers[0] === given.numbers[0] && numbers[1] === given.numbers[1]);
  const last = mended.at(-1);
  const from = line ?? last;
  return from === undefined ? null : compare(given, from) < 0;
}

/**
 * Whether a distribution built it, which mends without raising the version: by the version's or the commit's suffix (`1.7.24~ds1`, `26.1.5+dfsg1`,
 * `1.2.5-0ubuntu1~24.04.1`, `1.1.12-2.el9`). What does not say what it was built from counts as one too: upstream's own builds say it.
 */
export function mayBePatched({ version, commit }: { readonly version: string; readonly commit: string }): boolean {
  const plain = /^v?\d+\.\d+\.\d+(?:-(?:rc|beta|alpha)\.?\d+)?$/.test(version);
  const upstreams = /^(?:v\d[\w.-]*-0-g)?[0-9a-f]{7,40}$/.test(commit);
  return !plain || !upstreams;
}

interface Version {
  readonly numbers: readonly [number, number, number];
  /** Of a release candidate; what is released comes after all of them. */
  readonly candidate: number;
}

function parse(text: string): Version | null {
  const match = /^v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:[-~](?:rc|beta|alpha)\.?(\d{1,6}))?/.exec(text.trim());
  if (match === null) return null;
  const [, major, minor, patch, candidate] = match;
  return {
    numbers: [Number(major), Number(minor), Number(patch)],
    candidate: candidate === undefined ? Number.POSITIVE_INFINITY : Number(candidate),
  };
}

function compare(a: Version, b: Version): number {
  for (const index of [0, 1, 2] as const) {
    const difference = a.numbers[index] - b.numbers[index];
    if (difference !== 0) return difference;
  }
  return a.candidate === b.candidate ? 0 : a.candidate < b.candidate ? -1 : 1;
}
