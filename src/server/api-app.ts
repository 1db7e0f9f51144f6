/** The fastify instance as our routes see it, and what every route has to say about itself. */
import type { FastifyBaseLogger, FastifyInstance, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Caller } from '../access/tokens.ts';
import type { RoutePermission } from './roles.ts';

export type ApiApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  ZodTypeProvider
>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a caller's role must grant. A route that declares none makes the server refuse to start. */
    permission?: RoutePermission;
    /** What the audit log calls it. Every route that is not GET or HEAD has one; a route that has one needs a token everywhere. */
    action?: string;
    /**
     * What an act has to do with the scope of its caller's token. `checked`: the handler asks; `unlimited`: it is for every scope. Without
     * either only tokens without a scope may do it.
     */
    scope?: 'checked' | 'unlimited';
    /** Which limit its callers have; default: `reads` for GET and HEAD, else `acts`. */
    rate?: 'reads' | 'acts' | 'alerts';
    /** `webhook`: the token may also come as the password of HTTP basic, or in the path. Default: as a bearer's alone. */
    credentials?: 'webhook';
    /** The handler writes to the audit log what it decides, before it is done; only what does not get to it is noted by the trail. */
    recordsItself?: boolean;
    /** Answers with a page, errors included. One that acts takes a session and the form's `csrf`, never a bearer's token. */
    page?: boolean;
    /** Anyone may do it, in their own name: beginning a session, and ending one. */
    anyone?: boolean;
  }
  interface FastifyRequest {
    /** Null where a route is for anyone and the caller did not say who it is. */
    caller: Caller | null;
    /** Of the caller, when it came by a cookie: its secret. */
    session: string | null;
    /** Whose share of what is limited it takes. */
    who: string;
    /** Asks again, for what goes on after it was let in: false when its token or session is worth nothing any more, or less. */
    isStillAllowed: () => boolean;
  }
}
