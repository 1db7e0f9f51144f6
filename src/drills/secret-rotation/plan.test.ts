import { expect, test } from 'vitest';
import type { PlanContext } from '../../domain/kind.ts';
import { type Params, params } from './params.ts';
import { plan } from './plan.ts';

const services = ['db', 'web', 'ca', 'api'];
const planned = (given: object) => {
  const targets = services.map((service) => ({ name: `shop-${service}-1`, service }));
  return plan({ params: params.parse({ credential: 'real', ...given }), targets } as unknown as PlanContext<Params>);
};
const server = { service: 'web', port: 8443, servername: 'shop.test' };
const issue = { exec: ['issue'], in: { service: 'ca' } };
const tls = { system: 'tls', server, take: { reload: 'SIGHUP' }, issue };
const jwks = { file: '/srv/jwks.json', in: { service: 'ca' } };

test.each([
  ['a server’s certificate', { ...tls, certificate: { server: { certificate: '/tls/crt', key: '/tls/key' } } }],
  ['a signing key', { system: 'jwt', jwks, points: [{ service: 'api', port: 8081 }], claims: { sub: 'drill' } }],
])('%s, which the system itself hands over, needs no consumer', async (_, given) => {
  expect((await planned(given)).units.map(({ targets: [target] }) => target?.service)).toEqual(services);
});

test.each([
  ['a password', { system: 'postgresql', server: { service: 'db' }, admin: { password: { env: 'ADMIN' } }, role: 'app' }],
  ['a client’s certificate', { ...tls, certificate: { client: { trust: { certificates: '/tls/trusted.pem' } } } }],
])('%s that nobody would be given is not rotated', async (_, given) => {
  await expect(planned(given)).rejects.toMatchObject({ code: 'no_delivery' });
});
