import { resolve } from 'node:path';
import { booleanOf, bytesOf, numberOf } from './amounts.ts';
import { amountOf, type Data, isMap, listOf, mapOf, type Path, type Source, textOf } from './source.ts';

/** A file or folder of the host. */
export interface ComposeBind {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** `rprivate` unless the file says otherwise. */
  readonly propagation: string;
}

export interface ComposeVolume {
  /** As the file's `volumes` has it; null for one without a name. */
  readonly name: string | null;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface ComposeMounts {
  readonly binds: readonly ComposeBind[];
  readonly volumes: readonly ComposeVolume[];
  /** Options by path. */
  readonly tmpfs: Readonly<Record<string, string>>;
  /** Those of the long form, as the engine's `Mounts`. */
  readonly tmpfsMounts: readonly Data[];
}

/** `volumes` and `tmpfs` of a service, in all their forms, and its `secrets` and `configs`, which are files of the host mounted read-only. */
export function mountsOf(service: Data, path: Path, top: Data, source: Source): ComposeMounts {
  const binds: ComposeBind[] = [];
  const volumes: ComposeVolume[] = [];
  const tmpfs: Record<string, string> = {};
  const tmpfsMounts: Data[] = [];
  for (const [i, one] of listOf(service.volumes, [...path, 'volumes'], source).entries()) {
    const at = [...path, 'volumes', i];
    if (typeof one === 'string') short(one, at);
    else long(mapOf(one, at, source), at);
  }
  const temporary = typeof service.tmpfs === 'string' ? [service.tmpfs] : listOf(service.tmpfs, [...path, 'tmpfs'], source);
  for (const [i, one] of temporary.entries()) {
    const [target = '', ...options] = (textOf(one, [...path, 'tmpfs', i], source) ?? '').split(':');
    tmpfs[target] = options.join(':');
  }
  binds.push(...files('secrets'), ...files('configs'));
  return { binds, volumes, tmpfs, tmpfsMounts };

  function short(text: string, at: Path): void {
    const [first = '', second, options = ''] = text.split(':');
    if (text.split(':').length > 3) source.fail(at, 'must be SOURCE:TARGET:OPTIONS');
    if (second === undefined) {
      if (!first.startsWith('/')) source.fail(at, 'must be a path, or SOURCE:TARGET');
      volumes.push({ name: null, target: first, readOnly: false });
      return;
    }
    const words = options.split(',');
    const readOnly = words.includes('ro');
    if (/^[./~]/.test(first)) {
      const propagation = words.find((word) => /^r?(private|shared|slave)$/.test(word)) ?? 'rprivate';
      binds.push({ source: hostPath(first, source), target: second, readOnly, propagation });
    } else volumes.push({ name: declared(first, at), target: second, readOnly });
  }

  function long(mount: Data, at: Path): void {
    const target = textOf(mount.target, [...at, 'target'], source) ?? source.fail(at, 'needs a target');
    const from = textOf(mount.source, [...at, 'source'], source);
    const readOnly = booleanOf(mount.read_only ?? false) ?? source.fail([...at, 'read_only'], 'must be true or false');
    switch (mount.type) {
      case 'bind': {
        if (from === null) source.fail(at, 'needs a source');
        const { propagation } = mapOf(mount.bind, [...at, 'bind'], source);
        binds.push({
          source: hostPath(from, source),
          target,
          readOnly,
          propagation: textOf(propagation, [...at, 'bind', 'propagation'], source) ?? 'rprivate',
        });
        return;
      }
      case 'volume':
        volumes.push({ name: from === null ? null : declared(from, at), target, readOnly });
        if (isMap(mount.volume) && mount.volume.subpath !== undefined) source.note(at, 'its subpath is not taken over');
        return;
      case 'tmpfs': {
        const { size, mode } = mapOf(mount.tmpfs, [...at, 'tmpfs'], source);
        const bytes = amountOf(size, [...at, 'tmpfs', 'size'], source, bytesOf, 'must be a size, such as 64m');
        const bits = amountOf(mode, [...at, 'tmpfs', 'mode'], source, numberOf, 'must be a number');
        const options = { ...(bytes === null ? {} : { SizeBytes: bytes }), ...(bits === null ? {} : { Mode: bits }) };
        tmpfsMounts.push({ Type: 'tmpfs', Target: target, ReadOnly: readOnly, TmpfsOptions: options });
        return;
      }
      default:
        source.note(at, `a mount of type ${String(mount.type)} is not taken over`);
    }
  }

  function declared(name: string, at: Path): string {
    const volumesOfFile = mapOf(top.volumes, ['volumes'], source);
    if (!Object.hasOwn(volumesOfFile, name)) source.fail(at, `names the volume ${name}, which is not among the file's volumes`);
    const { driver_opts: options } = mapOf(volumesOfFile[name], ['volumes', name], source);
    if (isMap(options) && typeof options.device === 'string') {
      source.note(['volumes', name], 'has a device of its own (driver_opts): it is tested as an ordinary volume');
    }
    return name;
  }

  function files(kind: 'secrets' | 'configs'): ComposeBind[] {
    const all = mapOf(top[kind], [kind], source);
    return listOf(service[kind], [...path, kind], source).flatMap((one, i): ComposeBind[] => {
      const at = [...path, kind, i];
      const given = isMap(one) ? one : { source: one };
      const name = textOf(given.source, at, source) ?? source.fail(at, 'needs a source');
      if (!Object.hasOwn(all, name)) source.fail(at, `names ${name}, which is not among the file's ${kind}`);
      const { file } = mapOf(all[name], [kind, name], source);
      if (typeof file !== 'string') {
        source.note(at, 'is no file of the host, so it is not there in what is tested');
        return [];
      }
      const target = textOf((given as Data).target, at, source) ?? name;
      const where = target.startsWith('/') ? target : kind === 'secrets' ? `/run/secrets/${target}` : `/${target}`;
      return [{ source: hostPath(file, source), target: where, readOnly: true, propagation: 'rprivate' }];
    });
  }
}

function hostPath(path: string, source: Source): string {
  return resolve(source.folder, path === '~' || path.startsWith('~/') ? `${source.home}${path.slice(1)}` : path);
}
