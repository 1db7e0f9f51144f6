import { z } from 'zod';
import { text } from '../../config/fields.ts';
import { plainName } from '../../container/names.ts';
import { RefusedError } from '../../domain/errors.ts';
import { addressOf, pointName } from './address.ts';
import type { Point, SystemScope } from './system.ts';

/** Where an opaque credential is checked: an HTTP service that lets it in or answers 401 or 403. */
export interface HttpPoint {
  readonly service: string;
  readonly port: number;
  readonly path: string;
  readonly header: string;
}

export function httpPoints(): z.ZodType<readonly HttpPoint[]> {
  return z.array(httpPoint()).min(1).describe('Where the credential is checked.');
}

/** One of them. */
export function httpPoint() {
  return z.strictObject({
    service: text().describe('The service that checks the credential; each of its running replicas is an enforcement point.'),
    port: z.int().min(1).max(65_535).describe('Its port, in its own network.'),
    path: z.string().startsWith('/').default('/').describe('What is asked for, with GET; 2xx is accepted, 401 and 403 are refused.'),
    header: z
      .string()
      .regex(/^[\w-]+: .*\{secret\}/, { error: 'is not a header with {secret} in it (try "authorization: Bearer {secret}")' })
      .default('authorization: Bearer {secret}')
      .describe('The header that carries the credential, in the place of {secret}.'),
  });
}

/** Each replica of each service. `RefusedError` when one has none that can be reached. */
export async function pointsOf(asked: readonly HttpPoint[], modes: Point['modes'], scope: SystemScope): Promise<Point[]> {
  const replicas = await Promise.all(asked.map(async (point) => ({ point, containers: await scope.service(point.service) })));
  const all = replicas.flatMap(({ containers }) => containers);
  return replicas.flatMap(({ point, containers }) => {
    if (containers.length === 0) throw new RefusedError('no_server', `no target of service ${point.service} runs`);
    return containers.map((container): Point => {
      const host = addressOf(container, all);
      if (host === null)
        throw new RefusedError('no_address', `${plainName(container.Name)} has no address of its own, so nobody can be tried there`);
      const url = `http://${host}:${point.port}${point.path}`;
      return {
        name: pointName(point.service, point.port, container),
        target: plainName(container.Name),
        door: () => ({ protocol: 'http', url, header: point.header }),
        modes,
      };
    });
  });
}
