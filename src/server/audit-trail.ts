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
      data: code === null ? { outcome } : { outcome, code },
    });
  };
  app.addHook('preHandler', async (request) => {
    if (request.routeOptions.config.recordsItself !== true) note(request, 'allowed', null);
  });
  return { refused: (request, status, code) => note(request, status >= 500 ? 'failed' : 'refused', code) };
}

/** What the path names: the drill, the run, the evidence. Cut, as it may not have been checked yet. */
function objectOf(request: FastifyRequest): string | null {
  const values = Object.values(request.params ?? {}).filter((value) => typeof value === 'string');
  return values.length === 0 ? null : withoutTokens(values.join('/')).slice(0, 100);
}
