import type { Door } from '../../../../checks/prober/contract.ts';
import { plainName } from '../../../../container/names.ts';
import type { ContainerInspect } from '../../../../domain/engine/containers.ts';
import { FailedError, RefusedError } from '../../../../domain/errors.ts';
import { addressOf, pointName } from '../../address.ts';
import type { Point, SystemScope } from '../../system.ts';
import type { AskedPoint } from './fields.ts';

/** A point, and the container in whose network it can be tried. */
export interface PlacedPoint {
  readonly point: Point;
  readonly container: ContainerInspect;
}

/** Each replica of each service. `RefusedError` when one has none that can be reached. */
export async function placedPoints(asked: readonly AskedPoint[], scope: Pick<SystemScope, 'service' | 'others'>): Promise<PlacedPoint[]> {
  const replicas = await Promise.all(asked.map(async (point) => ({ point, containers: await scope.service(point.service) })));
  const all = [...replicas.flatMap(({ containers }) => containers), ...(await scope.others())];
  return replicas.flatMap(({ point, containers }) => {
    if (containers.length === 0) throw new RefusedError('no_server', `no target of service ${point.service} runs`);
    return containers.map((container): PlacedPoint => {
      const host = addressOf(container, all);
      if (host === null)
        throw new RefusedError('no_address', `${plainName(container.Name)} has no address of its own, so nobody can be tried there`);
      const name = pointName(point.service, point.port, container);
      const door = (user: string | null) => doorOf(point, host, user, name);
      const modes = point.protocol === 'http' ? (['login'] as const) : (['login', 'session'] as const);
      return { point: { name, target: plainName(container.Name), door, modes }, container };
    });
  });
}

function doorOf(point: AskedPoint, host: string, user: string | null, name: string): Door {
  if (point.protocol === 'http') return { protocol: 'http', url: `http://${host}:${point.port}${point.path}`, header: point.header };
  if (point.protocol === 'redis') return { protocol: 'redis', host, port: point.port, user };
  if (user === null) throw new FailedError('step_failed', `${name} asks for a user, and no step said which`);
  return { protocol: 'postgresql', host, port: point.port, database: point.database, user };
}
