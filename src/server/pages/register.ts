/** The dashboard's routes: in a context of their own, so that forms are read, and answers compressed, for pages alone. */
import { fastifyCompress } from '@fastify/compress';
import { fastifyFormbody } from '@fastify/formbody';
import type { ApiApp } from '../api-app.ts';
import type { ServerDeps } from '../deps.ts';
import type { FailureLimit } from '../failure-limit.ts';
import { HttpError } from '../http-errors.ts';
import { registerAllPages } from './all.ts';
import type { PageAnswers } from './answer.ts';
import type { LoadedAssets } from './assets.ts';
import { loginRoutes } from './login.ts';
import { fieldsOf, needOwnForm } from './own-form.ts';
import type { Pages } from './pages.ts';

export interface PageOptions {
  readonly assets: LoadedAssets;
  readonly guesses: FailureLimit;
  readonly pages: PageAnswers;
}

export async function registerPages(app: ApiApp, deps: ServerDeps, { assets, guesses, pages: answers }: PageOptions): Promise<void> {
  await app.register(async (own) => {
    own.removeAllContentTypeParsers();
    await own.register(fastifyFormbody);
    await own.register(fastifyCompress, { encodings: ['br', 'gzip'], inflateIfDeflated: false });
    const pages = pagesOn(own as ApiApp, answers);
    assetRoutes(own as ApiApp, assets);
    loginRoutes(own as ApiApp, deps, { guesses, answers });
    registerAllPages(pages, deps);
  });
}

/** Over a slow line. */
const fileMs = 24 * 3_600_000;

function pagesOn(app: ApiApp, answers: PageAnswers): Pages {
  return {
    page(url, permission, load, { action } = {}) {
      app.get(url, {
        // A scope limits what is acted upon; reading is by role alone.
        config: { permission, page: true, ...(action === undefined ? {} : { action, scope: 'unlimited' as const }) },
        schema: { hide: true },
        handler: async (request, reply) => answers.send(request, reply, await load(request, answers.frame(request))),
      });
    },
    form(url, permission, action, act, { scope } = {}) {
      app.post(url, {
        config: { permission, action, page: true, ...(scope === undefined ? {} : { scope }) },
        schema: { hide: true },
        // Before the audit trail calls it allowed.
        preValidation: async (request) => needOwnForm(request),
        handler: async (request, reply) => reply.redirect(await act(request, fieldsOf(request)), 303),
      });
    },
    // Reading is by role alone.
    file(url, permission, action, read) {
      app.post(url, {
        config: { permission, action, page: true, scope: 'unlimited' },
        handlerTimeout: fileMs,
        // What is large is packed already, or is not worth the time.
        compress: false,
        schema: { hide: true },
        preValidation: async (request) => needOwnForm(request),
        handler: async (request, reply) => {
          const { name, type, content } = await read(request);
          // Closed at its end, so that a stop need not wait for a client that keeps it.
          return reply
            .header('connection', 'close')
            .header('content-disposition', `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"`)
            .type(type)
            .send(content);
        },
      });
    },
  };
}

function assetRoutes(app: ApiApp, { hash, files }: LoadedAssets): void {
  app.get<{ Params: { hash: string; name: string } }>('/assets/:hash/:name', {
    config: { permission: 'nothing' },
    schema: { hide: true },
    handler: async (request, reply) => {
      const asset = request.params.hash === hash ? files.get(request.params.name) : undefined;
      if (asset === undefined) throw new HttpError(404, 'not_found', 'there is no such asset', { hint: 'load the page again' });
      return reply.header('cache-control', 'public, max-age=31536000, immutable').type(asset.type).send(asset.content);
    },
  });
}
