import { evidenceLabel, type Labels } from '../container/own.ts';
import type { CreateBody } from '../domain/engine/containers.ts';
import type { ImageInspect } from '../domain/engine/images.ts';

const MiB = 2 ** 20;
/** The one place in the clone that can be written to. */
const scratch = '/pitwall-scratch';

export interface LabOptions {
  readonly labels: Labels;
  /** Empty: a shell. */
  readonly command: readonly string[];
  readonly terminal: boolean;
}

/**
 * A container to look around in what was captured: no network, nothing to write to but /pitwall-scratch, no capability, no new privileges,
 * limits. Nothing of the image's own start runs.
 */
export function labBody(image: ImageInspect, { labels, command, terminal }: LabOptions): CreateBody {
  return {
    Image: image.Id,
    Entrypoint: command.length === 0 ? ['/bin/sh'] : command.slice(0, 1),
    Cmd: command.slice(1),
    User: '0:0',
    WorkingDir: '/',
    Labels: { ...labels, [evidenceLabel]: '' },
    Healthcheck: { Test: ['NONE'] },
    Tty: terminal,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: true,
    StdinOnce: true,
    NetworkDisabled: true,
    HostConfig: {
      NetworkMode: 'none',
      IpcMode: 'none',
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      // not /tmp or any other place that may hold evidence
      Tmpfs: { [scratch]: 'rw,noexec,nosuid,nodev,size=64m' },
      Memory: 512 * MiB,
      PidsLimit: 128,
      RestartPolicy: { Name: 'no' },
      AutoRemove: false,
      LogConfig: { Type: 'none' },
    },
  };
}
