import { type DumpStats, encodeStatsDump } from '../../memory/image.ts';

/** `config.dump`, as checkpointctl and Podman read it. */
export interface CheckpointConfig {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  /** As it was asked for, and by digest. */
  readonly rootfsImageName: string;
  readonly rootfsImage: string;
  readonly rootfsImageRef: string;
  /** `runc`. */
  readonly runtime: string;
  /** RFC 3339: the container's creation and the freeze. */
  readonly createdTime: string;
  readonly checkpointedTime: string;
}

/** What checkpointctl reads of an OCI runtime specification. */
export interface CheckpointSpec {
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly mounts: readonly { readonly destination: string; readonly type: string; readonly source: string }[];
}

export interface CheckpointMeta {
  readonly config: CheckpointConfig;
  readonly spec: CheckpointSpec;
}

/** CRIU took nothing here; without the file `checkpointctl inspect --all` fails. */
const noStats: DumpStats = { freezingUs: 0, frozenUs: 0, memdumpUs: 0, memwriteUs: 0, pagesScanned: 0, pagesWritten: 0 };

/** The files beside `checkpoint/` without which checkpointctl reads nothing. */
export function checkpointFiles({ config, spec }: CheckpointMeta): [path: string, content: Buffer][] {
  // without a manager the name comes from the annotation, which is true to Docker: containerd is underneath, and nothing claims to be Podman
  const { 'io.container.manager': _, ...given } = spec.annotations ?? {};
  const annotations = {
    ...given,
    'io.kubernetes.cri.container-name': config.name,
    'dev.pitwall.restorable': 'false',
    'dev.pitwall.source': 'memory read from /proc in the format of CRIU; stats-dump is empty',
  };
  return [
    ['config.dump', json({ ...config, restored: false, restoredTime: '0001-01-01T00:00:00Z' })],
    ['spec.dump', json({ ociVersion: '1.0.2', ...spec, annotations })],
    ['stats-dump', encodeStatsDump(noStats)],
  ];
}

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}
