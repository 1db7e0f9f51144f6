import { evidenceLabel, type Labels } from '../container/own.ts';
import type { CreateBody, ImageInspect } from '../domain/engine.ts';

const MiB = 2 ** 20;

export interface LabOptions {
  readonly labels: Labels;
  /** Empty: a shell. */
  readonly command: readonly string[];
  readonly terminal: boolean;
}

/**
 * A container to look around in what was captured: no network, nothing to write to but a scratch /tmp, no capability, no new privileges,
 * limits. Nothing of the image's own start runs.
 */
export function labBody(image: ImageInspect, { labels, command, terminal }: LabOptions): CreateBody {
  // an image's own volumes would be writable, and its healthcheck would run
  const volumes = Object.keys(image.Config.Volumes ?? {});
  return {
    Image: image.Id,
    Entrypoint: command.length === 0 ? ['/bin/sh'] : [...command.slice(0, 1)],
    Cmd: [...command.slice(1)],
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
      Tmpfs: Object.fromEntries(['/tmp', ...volumes].map((path) => [path, 'rw,noexec,nosuid,nodev,size=64m'])),
      Memory: 512 * MiB,
      PidsLimit: 128,
      RestartPolicy: { Name: 'no' },
      AutoRemove: false,
      LogConfig: { Type: 'none' },
    },
  };
}
