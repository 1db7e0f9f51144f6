import { plainName } from '../../../../container/names.ts';
import type { ContainerInspect } from '../../../../domain/engine/containers.ts';
import { RefusedError } from '../../../../domain/errors.ts';
import { addressOf, pointName } from '../../address.ts';
import type { Point } from '../../system.ts';
import type { Params } from './params.ts';

/** Each replica's listener, at the address that `others` reach. */
export function tlsPoints(params: Params, containers: readonly ContainerInspect[], others: readonly ContainerInspect[]): Point[] {
  const { service, port, servername } = params.server;
  return containers.map((container): Point => {
    const target = plainName(container.Name);
    const host = addressOf(container, others);
    if (host === null) throw new RefusedError('no_address', `${target} has no address of its own, so nobody can be tried there`);
    const name = pointName(service, port, container);
    if ('server' in params.certificate)
      return { name, target, modes: ['login'], door: () => ({ protocol: 'tls-server', host, port, servername }) };
    return { name, target, modes: ['login', 'session'], door: () => ({ protocol: 'tls', host, port, servername, ca: null }) };
  });
}
