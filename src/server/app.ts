/** The application: guards first, then the description, then the routes. Not yet listening. */
import { type FastifyBaseLogger, type FastifyReply, type FastifyRequest, fastify, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { ApiApp } from './api-app.ts';
import { installAuditTrail } from './audit-trail.ts';
import { onBrokenRequest } from './broken-request.ts';
import { limitConnections } from './connections.ts';
import type { ServerConfig, ServerDeps } from './deps.ts';
import { failureLimit } from './failure-limit.ts';
import { installGuard } from './guard.ts';
import { answerTo, HttpError } from './http-errors.ts';
import type { Limits } from './limits.ts';
import { installOpenApi } from './openapi.ts';
import { pageAnswers } from './pages/answer.ts';
import { loadAssets } from './pages/assets.ts';
import { isForPeople } from './pages/for-people.ts';
import { registerPages } from './pages/register.ts';
import { isForReaders, type RoutePermission } from './roles.ts';
import { registerRoutes } from './routes/all.ts';
import { liveRoute } from './routes/live.ts';
import { installSecurityHeaders, securityHeaders } from './security-headers.ts';
import { shownPath, webhookPath } from './webhook-path.ts';

export interface App {
  readonly app: ApiApp;
  readonly routes: readonly RegisteredRoute[];
}

export interface RegisteredRoute {
  readonly method: string;
  readonly url: string;
  readonly permission: RoutePermission;
  readonly acting: boolean;
  /** Of the dashboard: not described as part of the API. */
  readonly page: boolean;
}

/** @param stopping ends the event streams. */
export async function createApp(deps: ServerDeps, limits: Limits, stopping: AbortSignal): Promise<App> {
  const webhooks = webhookPath();
  const app = fastify({
    loggerInstance: deps.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    handlerTimeout: limits.handlerMs,
    keepAliveTimeout: limits.idleMs,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    rewriteUrl: (request) => webhooks.strip(request),
    routerOptions: { maxParamLength: 200 },
    // Node looks for requests that take too long only so often (default 30 s).
    http: {
      connectionsCheckingInterval: Math.min(1_000, limits.requestMs / 4),
      headersTimeout: limits.requestMs,
      maxHeaderSize: 16 * 1024,
      // Node's own refusal of a request without Host has no body; the guard's has.
      requireHostHeader: false,
    },
    clientErrorHandler: onBrokenRequest,
    // What the router cannot read never meets a hook.
    frameworkErrors: (error, request, reply) => {
      const { status, body } = answerTo(error, request.id);
      void (reply as FastifyReply).code(status).headers(securityHeaders).send(body);
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.server.maxConnections = limits.connections;
  limitConnections(app.server, limits.connections);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  // Only JSON: a form of a foreign page can send plain text without asking first.
  app.removeContentTypeParser('text/plain');

  const routes = watchRoutes(app);
  const assets = loadAssets();
  installSecurityHeaders(app);
  const guesses = failureLimit(deps.clock);
  installGuard(app, { ...deps, guesses, hosts: namesOf(deps.config), webhooks, limits });
  const pages = pageAnswers(deps, assets);
  const trail = installAuditTrail(app, deps.audit, deps.clock);
  app.setNotFoundHandler((request) => {
    throw new HttpError(404, 'not_found', `there is no ${request.method} ${shownPath(request.url)}`, {
      hint: 'see /openapi.json',
    });
  });
  app.setErrorHandler((error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const answer = answerTo(error, request.id);
    const { status, body } = answer;
    if (status >= 500)
      request.log.error({ err: error, reqId: request.id, method: request.method, route: request.routeOptions.url }, 'request failed');
    try {
      trail.refused(request, status, body.error.code);
    } catch (auditError) {
      request.log.error({ err: auditError, reqId: request.id }, 'the audit log could not be written');
    }
    if (error instanceof HttpError && typeof error.context.waitMs === 'number')
      reply.header('retry-after', Math.ceil(error.context.waitMs / 1_000));
    if (isForPeople(request)) return pages.error(request, reply, answer);
    return reply.code(status).send(body);
  });

  await installOpenApi(app, deps.version);
  registerRoutes(app, deps, { limits, stopping });
  liveRoute(app, deps, { limits, stopping });
  await registerPages(app, deps, { assets, guesses, pages });
  return { app, routes };
}

/** Nobody can be told to go to a wildcard address; a page that sends people there is up to something. */
function namesOf({ host, hosts = [] }: ServerConfig): readonly string[] {
  return ['0.0.0.0', '::', ''].includes(host) ? hosts : [host, ...hosts];
}

/** Every route says which permission it needs, and every acting one what it is called; one that does not keeps the server from starting. */
function watchRoutes(app: ApiApp): readonly RegisteredRoute[] {
  const routes: RegisteredRoute[] = [];
  app.addHook('onRoute', ({ method, url, config, schema }) => {
    for (const name of [method].flat()) {
      if (config?.permission === undefined) throw new Error(`route ${name} ${url} declares no permission`);
      const acting = config.action !== undefined;
      if (name !== 'GET' && name !== 'HEAD' && !acting) throw new Error(`route ${name} ${url} declares no action for the audit log`);
      if (acting && isForReaders(config.permission) && config.anyone !== true)
        throw new Error(`route ${name} ${url} acts and asks for no more than a reader's permission`);
      routes.push({ method: name, url, permission: config.permission, acting, page: schema?.hide === true });
    }
  });
  return routes;
}
