import type { ChangeData } from '../../../../domain/journal.ts';
import { hold } from '../../replicated/hold.ts';
import { fromJournal } from '../../replicated/journalled.ts';
import { takeWords } from '../../replicated/take.ts';
import type { System } from '../../system.ts';
import { clientRotation, openClient } from './client.ts';
import { fields, type Params } from './params.ts';
import { readIdentity } from './pem.ts';
import { tlsPoints } from './points.ts';
import { openServer, serverRotation } from './server.ts';
import { trustPath } from './trust.ts';

export { fields, type Params };

/** The certificates of TLS: a server's own, or one that clients show it. */
export const tls: System<Params> = {
  name: 'tls',
  // who shows a client certificate is a consumer; its own is all that a server needs
  handsOver: ({ certificate }) => 'server' in certificate,

  actions(params, plan, credential) {
    const { server, certificate, take, issue } = params;
    const taken = `in each replica of ${server.service}; ${takeWords(take)}`;
    const issuing = `issue a certificate by ${issue.exec[0]} in ${issue.in.service}`;
    if ('server' in certificate) return [issuing, `replace ${certificate.server.certificate} and ${certificate.server.key} ${taken}`];
    const { trust } = certificate.client;
    const canary = credential === 'canary' ? [`${issuing} as canary, to be leaked`] : [];
    const refusing = `take the old one out of trust: ${trustPath(trust)} ${taken}`;
    return [...canary, ...(plan === 'leak' ? [refusing, issuing] : [issuing, refusing])];
  },

  services({ server, certificate, issue }) {
    const trust = 'client' in certificate ? certificate.client.trust : null;
    return [...new Set([server.service, issue.in.service, ...(trust !== null && 'crl' in trust ? [trust.revoke.in.service] : [])])];
  },

  open(params, scope) {
    const { certificate } = params;
    return 'server' in certificate ? openServer(params, certificate.server, scope) : openClient(params, certificate.client, scope);
  },

  async reopen(params, data, scope) {
    const { certificate } = params;
    const files = fromJournal(data);
    const held = hold(scope);
    const containers = await scope.service(params.server.service);
    const points = tlsPoints(params, containers, await scope.others());
    if ('client' in certificate) return clientRotation(params, certificate.client, files, null, points, containers, held, scope);
    return serverRotation(params, certificate.server, { files, old: oldOf(data), trace: null }, points, containers, held, scope);
  },
};

function oldOf(data: ChangeData) {
  return readIdentity(typeof data.old === 'string' ? data.old : '', 'the journal');
}
