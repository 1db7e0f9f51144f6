/** Every act is in the audit log: before it is done, so that none is done unnamed, and again when it was refused or failed. */
import type { FastifyRequest } from 'fastify';
import type { AuditLog } from '../access/audit.ts';
import type { Clock } from '../domain/clock.ts';
import { plainAddress } from './allowed-hosts.ts';
import type { ApiApp } from './api-app.ts';
import { failureLimit } from './failure-limit.ts';
import { withoutTokens } from './webhook-path.ts';

export interface AuditTrail {
  /** For a request that got an error for its answer; writes only for those that wanted to act. */
  refused(request: FastifyRequest, status: number, code: string): void;
}

type Outcome = 'allowed' | 'refused' | 'failed';

export function installAuditTrail(app: ApiApp, audit: AuditLog, clock: Clock): AuditTrail {
  // Whoever has no name cannot fill the disk with refusals: past the burst, an address is noted every few seconds.
  const noise = failureLimit(clock);
  const note = (request: FastifyRequest, outcome: Outcome, code: string | null) => {
    const act = request.is404 ? undefined : request.routeOptions.config.action;
    if (act === undefined) return;
    const { caller } = request;
    const address = request.raw.socket.remoteAddress ?? '';
    // Nor can who asks too often.
    if (caller === null || code === 'too_many_requests') {
      const source = caller?.name ?? address;
      if (noise.waitMs(source) > 0) return;
      noise.failed(source);
    }
    audit.record({
      who: caller?.name ?? 'nobody',
      role: caller?.role ?? 'none',
      act,
      object: objectOf(request),
      source: `${request.routeOptions.config.page === true ? 'dashboard' : 'api'} ${plainAddress(address)}`,
      data: { ...saidIn(request.body), outcome, ...(code === null ? {} : { code }) },
    });
  };
  app.addHook('preHandler', async (request) => {
    if (request.routeOptions.config.recordsItself !== true) note(request, 'allowed', null);
  });
  return { refused: (request, status, code) => note(request, status >= 500 ? 'failed' : 'refused', code) };
}

/** What the path names: the drill, the run, the evidence; or the containers that the body does. Cut, as it may not have been checked yet. */
function objectOf({ params, body }: FastifyRequest): string | null {
  const named = Object.values(params ?? {});
  const asked = named.length === 0 && isRecord(body) && Array.isArray(body.containers) ? body.containers : named;
  const values = asked.filter((value) => typeof value === 'string');
  return values.length === 0 ? null : withoutTokens(values.join(named.length === 0 ? ', ' : '/')).slice(0, 100);
}

/** Why, to what end, and what is done again: what whoever reads the log later will ask. */
const told = ['reason', 'to', 'disposition', 'replay'] as const;

function saidIn(body: unknown): Readonly<Record<string, string>> {
  if (!isRecord(body)) return {};
  const said = told.flatMap((key) => {
    const value = body[key];
    return typeof value === 'string' && value !== '' ? [[key, withoutTokens(value).slice(0, 200)] as const] : [];
  });
  return Object.fromEntries(said);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
