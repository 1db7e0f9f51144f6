/** `/openapi.json`, made from the routes' own schemas, so that it cannot say something else than they do. */
import swagger, { type SwaggerTransformObject } from '@fastify/swagger';
import type { FastifySchema } from 'fastify';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { ApiApp } from './api-app.ts';
import { isForReaders, type RoutePermission, rolesFor } from './roles.ts';
import { errorSchema } from './schemas/error.ts';
import { runEvent, runRecord, runSummary } from './schemas/run.ts';

/** Before any route: what is registered earlier is not described. */
export async function installOpenApi(app: ApiApp, version: string): Promise<void> {
  const schemaRegistry = z.registry<{ id: string }>();
  schemaRegistry.add(errorSchema, { id: 'Error' });
  schemaRegistry.add(runRecord, { id: 'Run' });
  schemaRegistry.add(runSummary, { id: 'RunSummary' });
  schemaRegistry.add(runEvent, { id: 'RunEvent' });
  const zodToJsonConfig = { override: sayWhatIsMeant };
  const transform = createJsonSchemaTransform({ schemaRegistry, zodToJsonConfig });
  const transformObject = createJsonSchemaTransformObject({ schemaRegistry, zodToJsonConfig });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Pitwall',
        version,
        description: 'Runs safety drills on containers and keeps the score. Durations are milliseconds, shares are ratios from 0 to 1.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: (document) => {
      const { schema, url } = transform(document);
      const described: FastifySchema = { ...schema, ...accessOf(document.route.config?.permission) };
      return { schema: described, url };
    },
    transformObject: (document) => sayEverywhere(mendBodies(dropUnused(transformObject(document)))),
  });
}

function accessOf(permission: RoutePermission = 'nothing') {
  if (permission === 'nothing') return { security: [], description: 'Needs no token.' };
  const exception = isForReaders(permission) ? '; from loopback no token is needed' : '';
  return { security: [{ token: [] }], description: `For tokens with one of the roles ${rolesFor(permission).join(', ')}${exception}.` };
}

const said = ['description', 'examples', 'anyOf', 'pattern'] as const;

/** With a registry of its own the plugin knows nothing of what `describe` and `meta` say, which is kept in the global one. */
function sayWhatIsMeant({
  zodSchema,
  jsonSchema,
}: {
  readonly zodSchema: z.core.$ZodType;
  readonly jsonSchema: Record<string, unknown>;
}): void {
  const meta = z.globalRegistry.get(zodSchema) ?? {};
  for (const key of said) if (meta[key] !== undefined) jsonSchema[key] = meta[key];
}

/** The plugin lists every schema twice, for requests and for answers; most are used in one of them only. */
function dropUnused(document: ReturnType<SwaggerTransformObject>): ReturnType<SwaggerTransformObject> {
  if (!('components' in document)) return document;
  const schemas: Readonly<Record<string, unknown>> = document.components?.schemas ?? {};
  const used = new Set<string>();
  const collect = (part: unknown) => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      collect(schemas[name] ?? null);
    }
  };
  collect({ ...document, components: null });
  const kept = Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
  return { ...document, components: { ...document.components, schemas: kept } } as ReturnType<SwaggerTransformObject>;
}

interface DescribedResponses {
  readonly [status: string]: { readonly description?: string; readonly headers?: unknown; readonly content?: unknown } | undefined;
}

/** What holds for every route of a kind, and is decided before the route is asked. */
function sayEverywhere(document: ReturnType<SwaggerTransformObject>): ReturnType<SwaggerTransformObject> {
  const retryAfter = { 'retry-after': { description: 'Seconds to wait', schema: { type: 'integer', minimum: 1 } } };
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const operation of Object.values(item as Readonly<Record<string, { responses: DescribedResponses }>>)) {
      const { responses } = operation;
      const tooLong = path.includes('{') ? { 414: { ...responses[400], description: 'A part of the path is too long' } } : {};
      operation.responses = { ...responses, ...tooLong, 429: { ...responses[429], description: 'Asked too often', headers: retryAfter } };
    }
  }
  return document;
}

/** The plugin calls every body required; those whose schema takes null may be left out. */
function mendBodies(document: ReturnType<SwaggerTransformObject>): ReturnType<SwaggerTransformObject> {
  return JSON.parse(JSON.stringify(document), (key, value: unknown) => {
    if (key !== 'requestBody') return value;
    const body = value as {
      readonly content: Readonly<Record<string, { readonly schema: { readonly anyOf?: readonly { readonly type?: string }[] } }>>;
    };
    const optional = Object.values(body.content).every(({ schema }) => schema.anyOf?.some(({ type }) => type === 'null') === true);
    return { ...body, required: !optional };
  }) as ReturnType<SwaggerTransformObject>;
}
