import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../src/server/app.ts';
import { defaultLimits } from '../../src/server/limits.ts';
import { type Harness, startHarness } from './harness.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly security: readonly unknown[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: unknown }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, { readonly schema: unknown }>> };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, { readonly schema: unknown }>> }>
  >;
}

interface Description {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>>; readonly securitySchemes: Readonly<Record<string, unknown>> };
}

let harness: Harness;
let description: Description;
beforeAll(async () => {
  harness = await startHarness();
  description = (await harness.call('GET', '/openapi.json')).json as Description;
});
afterAll(async () => harness[Symbol.asyncDispose]());

function operations(): [string, Operation][] {
  return Object.entries(description.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): [string, Operation] => [`${method.toUpperCase()} ${path}`, operation]),
  );
}

test('describes every route, and none that is not there', async () => {
  expect(description.openapi).toBe('3.1.0');
  expect(description.info.version).toBe(harness.deps.version);
  const { app, routes } = await createApp(harness.deps, defaultLimits, new AbortController().signal);
  await app.close();
  const expected = routes
    .filter(({ method, page }) => method !== 'HEAD' && !page)
    .map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`);
  expect(
    operations()
      .map(([name]) => name)
      .sort(),
  ).toEqual(expected.sort());
});

test('every operation has its own id, a summary, who may call it, and a schema for each answer', () => {
  const ids = operations().map(([, { operationId }]) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [name, operation] of operations()) {
    expect(operation, name).toMatchObject({
      operationId: expect.stringMatching(/^[a-z][A-Za-z]+$/),
      summary: expect.any(String),
      security: expect.any(Array),
    });
    expect(operation.description, name).toMatch(/Needs no token|For tokens with one of the roles [a-z, ]+/);
    expect(
      Object.keys(operation.responses).some((status) => status.startsWith('2')),
      name,
    ).toBe(true);
    for (const [status, response] of Object.entries(operation.responses)) {
      expect(response.description, `${name} ${status}`).toEqual(expect.any(String));
      if (status === '204') continue;
      const media = Object.values(response.content ?? {});
      expect(media.length, `${name} ${status}`).toBeGreaterThan(0);
      for (const { schema } of media) expect(schema, `${name} ${status}`).toEqual(expect.any(Object));
    }
    for (const status of ['400', '401', '403', '429', '500']) {
      expect(operation.responses[status]?.content, `${name} ${status}`).toEqual({
        'application/json': { schema: { $ref: '#/components/schemas/Error' } },
      });
    }
    for (const parameter of name.match(/\{(\w+)\}/g) ?? []) {
      expect(operation.parameters, name).toContainEqual(
        expect.objectContaining({ name: parameter.slice(1, -1), in: 'path', required: true }),
      );
    }
  }
});

test('every reference leads somewhere, and nothing lies about unused', () => {
  const references = [...JSON.stringify(description).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
  expect(new Set(references)).toEqual(new Set(Object.keys(description.components.schemas)));
  expect(new Set(references)).toEqual(new Set(['Error', 'Run', 'RunEvent', 'RunSummary']));
  expect(description.components.schemas.Run).toMatchObject({
    type: 'object',
    properties: { verdict: expect.any(Object), measurements: expect.any(Object), residue: expect.any(Object) },
    required: expect.arrayContaining(['id', 'verdict', 'targets', 'residue']),
  });
});

test('a body may be left out where it says nothing that must be said', () => {
  const bodies = operations().filter(([, { requestBody }]) => requestBody !== undefined);
  expect(Object.fromEntries(bodies.map(([name, { requestBody }]) => [name, requestBody?.required]))).toEqual({
    'POST /api/v1/drills/{name}/runs': false,
    'POST /api/v1/freezes': true,
    'POST /api/v1/freezes/{id}/lease': true,
    'POST /api/v1/freezes/{id}/release': true,
    'POST /api/v1/halt': false,
    'POST /api/v1/reports': false,
    'POST /api/v1/runs/{id}/abort': false,
    'POST /api/v1/unhalt': false,
    'POST /webhooks/alerts': true,
    'POST /webhooks/falco': true,
  });
});
