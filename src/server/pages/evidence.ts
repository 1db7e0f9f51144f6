/** The pages of the evidence, and what becomes of the containers that are held for it. */
import type { FastifyRequest } from 'fastify';
import { h } from 'preact';
import { z } from 'zod';
import { evidenceStates } from '../../domain/evidence.ts';
import type { CaseVerification } from '../../forensics/service.ts';
import { EvidencePage } from '../../web/pages/evidence.tsx';
import { EvidenceListPage } from '../../web/pages/evidence-list.tsx';
import { createActs } from '../acts.ts';
import { callerOf, nameOf } from '../caller.ts';
import type { ServerDeps } from '../deps.ts';
import { findCase } from '../routes/evidence.ts';
import { evidenceId, wholeEvidenceId } from '../schemas/evidence.ts';
import { leaseBody, releaseBody } from '../schemas/freeze.ts';
import { createAsides } from './asides.ts';
import { checked, queryOf } from './checked.ts';
import type { Fields, Pages } from './pages.ts';

const perPage = 50;

const listQuery = z.object({
  state: z.enum(evidenceStates).nullable().default(null),
  before: wholeEvidenceId.nullable().default(null),
});
const params = z.object({ id: evidenceId });

/** Somebody waits so long for a verification, or for a release; both go on by themselves. */
const patienceMs = 5_000;

export function evidencePages(pages: Pages, deps: ServerDeps): void {
  const { store, evidence, clock } = deps;
  const acts = createActs(deps);
  const verifications = createAsides<CaseVerification>(clock, { patienceMs });
  const releases = createAsides<{ readonly outcome: string }>(clock, { patienceMs: 4 * patienceMs });
  const idOf = (request: FastifyRequest) => findCase(store, checked(params, request.params, 'in the path').id).id;

  pages.page('/evidence', 'read-evidence', async (request, { now }) => {
    const { state, before } = checked(listQuery, queryOf(request), 'in the query');
    const found = await evidence.list({ state: state ?? undefined, before: before ?? undefined, limit: perPage + 1 });
    const cases = found.slice(0, perPage);
    const next = found.length > perPage ? (cases.at(-1)?.id ?? null) : null;
    return { title: 'Evidence', body: h(EvidenceListPage, { cases, holds: store.holds.current(), query: { state, before }, next, now }) };
  });

  pages.page(
    '/evidence/:id',
    'read-evidence',
    async (request, { now, reader }) => {
      const id = idOf(request);
      const detail = await evidence.get(id);
      const props = { detail, verification: verifications.of(id), release: releases.of(id), reader, now };
      return { title: `Evidence of ${detail.evidence.container.name}`, body: h(EvidencePage, props) };
    },
    { action: 'evidence show' },
  );

  // A scope limits what is acted upon; reading is by role alone.
  const verify = async (request: FastifyRequest) => {
    const id = idOf(request);
    await verifications.start(id, () => evidence.verify(id));
    return `/evidence/${id}#verify`;
  };
  pages.form('/evidence/:id/verify', 'read-evidence', 'evidence verify', verify, { scope: 'unlimited' });
  pages.file('/evidence/:id/download', 'read-evidence', 'evidence download', async (request) => {
    const { name, stream } = await evidence.download(idOf(request), nameOf(request));
    return { name, type: 'application/x-tar', content: stream };
  });
  pages.file('/evidence/:id/manifest', 'read-evidence', 'evidence manifest', async (request) => {
    const id = idOf(request);
    return asJson(`${id}-manifest.json`, await evidence.manifest(id));
  });
  pages.file('/evidence/:id/detail', 'read-evidence', 'evidence show', async (request) => {
    const id = idOf(request);
    return asJson(`${id}.json`, await evidence.get(id));
  });

  const release = async (request: FastifyRequest, fields: Fields) => {
    const id = idOf(request);
    const { to } = checked(releaseBody, fields, 'in the form');
    await releases.start(id, () => acts.release(id, to, callerOf(request)));
    return `/evidence/${id}#hold`;
  };
  pages.form('/evidence/:id/release', 'freeze', 'release', release, { scope: 'checked' });

  const lease = async (request: FastifyRequest, fields: Fields) => {
    const id = idOf(request);
    await acts.lease(id, checked(leaseBody, fields, 'in the form').lease, callerOf(request));
    return `/evidence/${id}#hold`;
  };
  pages.form('/evidence/:id/lease', 'freeze', 'hold', lease, { scope: 'checked' });
}

function asJson(name: string, value: unknown) {
  return { name, type: 'application/json; charset=utf-8', content: `${JSON.stringify(value, null, 2)}\n` };
}
