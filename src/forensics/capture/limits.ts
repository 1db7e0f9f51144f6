import type { CaptureStep } from '../../domain/evidence.ts';

/** ms that a step may take; what it has by then is kept. Memory and disk of many GiB at 100 MB/s are within theirs. */
export const stepLimits: Readonly<Record<CaptureStep, number>> = {
  memory: 600_000,
  checkpoint: 600_000,
  processes: 30_000,
  network: 30_000,
  executables: 60_000,
  'deleted-files': 120_000,
  tmpfs: 120_000,
  disk: 600_000,
  logs: 120_000,
  volumes: 600_000,
  image: 30_000,
};

const MiB = 2 ** 20;

/** Bytes of one step that are kept; a hostile container must not fill the disk of the evidence. */
export const sizeLimits = {
  deletedFiles: 2_048 * MiB,
  tmpfs: 2_048 * MiB,
  /** For the seal: contents beyond are not hashed. */
  layer: 512 * MiB,
  logs: 512 * MiB,
  /** Of each volume. */
  volume: 10_240 * MiB,
} as const;
