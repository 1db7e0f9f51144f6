import { type Data, isMap, listOf, mapOf, type Path, type Source, textOf } from './source.ts';

type Bindings = Record<string, { readonly HostIp: string; readonly HostPort: string }[]>;

export interface ComposePorts {
  /** As the engine's `PortBindings`; an empty `HostPort` is one that the engine chooses. */
  readonly bindings: Readonly<Bindings>;
  /** As the engine's `ExposedPorts`. */
  readonly exposed: Readonly<Record<string, object>>;
}

/** More than anybody publishes by a range. */
const mostPorts = 1_000;

export function portsOf(service: Data, path: Path, source: Source): ComposePorts {
  const bindings: Bindings = {};
  const exposed: Record<string, object> = {};
  for (const [i, one] of listOf(service.ports, [...path, 'ports'], source).entries()) {
    const at = [...path, 'ports', i];
    const { ip, published, target, protocol } = isMap(one) ? long(one, at, source) : short(textOf(one, at, source) ?? '', at, source);
    const inside = range(target, at, source);
    const outside = published === '' ? [] : range(published, at, source);
    // one port inside and a range outside: the engine takes one of the range
    const chosen = inside.length === 1 && outside.length > 1;
    if (!chosen && outside.length > 0 && outside.length !== inside.length) source.fail(at, 'has ranges of different lengths');
    for (const [n, port] of inside.entries()) {
      const key = `${port}/${protocol}`;
      exposed[key] = {};
      bindings[key] = [
        ...(bindings[key] ?? []),
        { HostIp: ip, HostPort: outside.length === 0 ? '' : chosen ? published : String(outside[n]) },
      ];
    }
  }
  for (const [i, one] of listOf(service.expose, [...path, 'expose'], source).entries()) {
    const [port = '', protocol = 'tcp'] = String(one).split('/');
    for (const n of range(port, [...path, 'expose', i], source)) exposed[`${n}/${protocol}`] = {};
  }
  return { bindings, exposed };
}

interface Port {
  readonly ip: string;
  readonly published: string;
  readonly target: string;
  readonly protocol: string;
}

function short(text: string, at: Path, source: Source): Port {
  const parts = /^(?:(?:(\[[0-9a-fA-F:]+\]|[^:[\]]*):)?([\d-]*):)?(\d+(?:-\d+)?)(?:\/(tcp|udp|sctp))?$/.exec(text);
  if (parts === null) return source.fail(at, 'must be [[IP:]PUBLISHED:]TARGET[/PROTOCOL]');
  const [, ip = '', published = '', target = '', protocol = 'tcp'] = parts;
  return { ip: ip.replace(/^\[|\]$/g, ''), published, target, protocol };
}

function long(port: Data, at: Path, source: Source): Port {
  mapOf(port, at, source);
  return {
    ip: textOf(port.host_ip, [...at, 'host_ip'], source) ?? '',
    published: textOf(port.published, [...at, 'published'], source) ?? '',
    target: textOf(port.target, [...at, 'target'], source) ?? source.fail(at, 'needs a target'),
    protocol: textOf(port.protocol, [...at, 'protocol'], source) ?? 'tcp',
  };
}

function range(text: string, at: Path, source: Source): number[] {
  const [first, last = first] = text.split('-').map(Number);
  if (first === undefined || last === undefined || !(first > 0 && last >= first && last < 65_536)) {
    return source.fail(at, 'must be a port from 1 to 65535, or a range of them');
  }
  if (last - first >= mostPorts) return source.fail(at, `has more than ${mostPorts} ports`);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
