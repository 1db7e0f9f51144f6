import { type Certificate, certificate, revocationList } from '../../src/engine/testkit-certificate.ts';
import { openSystemLab } from './system-lab.ts';

/** The name that the servers are asked for. */
export const servername = 'shop.test';

export type TlsLab = Awaited<ReturnType<typeof openTlsLab>>;

/** HAProxy as TLS servers, and an authority of the test's own behind two commands. */
export async function openTlsLab() {
  const base = await openSystemLab('tls');
  const authority = certificate('authority');
  const config = (bind: string) => `global
  ssl-load-extra-del-ext
defaults
  mode http
  timeout client 60s
  timeout http-request 60s
  timeout connect 1s
  timeout server 1s
frontend tls
  bind :8443 ssl crt /tls/server.crt ${bind}
  http-request return status 200
`;
  return {
    ...base,
    authority,
    /** For /tls of several servers. */
    async volume(name: string): Promise<string> {
      await base.engine.createVolume(`${base.lab.mark}-${name}`, base.lab.labels);
      return `${base.lab.mark}-${name}`;
    },
    /** `deaf`: it is not told of signals. `volume`: `name:/tls:ro`. */
    async server(
      service: string,
      name: string,
      files: Readonly<Record<string, string>>,
      { bind = '', deaf = false, volume = '' } = {},
    ): Promise<string> {
      const proxy = 'haproxy -W -db -f /cfg/haproxy.cfg';
      const start = deaf ? `trap : USR2; ${proxy} & while :; do wait; sleep 0.1; done` : `exec ${proxy}`;
      const Cmd = ['sh', '-c', `until [ -e /tmp/go ]; do sleep 0.05; done; ${start}`];
      const HostConfig = volume === '' ? base.HostConfig : { ...base.HostConfig, Binds: [volume] };
      return base.replica(
        service,
        name,
        { ...files, '/cfg/haproxy.cfg': config(bind) },
        { Image: 'pitwall-fixture/haproxy:1', Cmd, HostConfig },
      );
    },
    /** Issues these one after the other; the list that revokes one revokes those before it as well. */
    async ca(service: string, name: string, certificates: readonly Certificate[]): Promise<string> {
      const files = certificates.flatMap(({ cert, key }, n) => [
        [`/ca/${n}.pem`, `${cert}${key}`],
        [`/ca/${n}.crl`, revocationList(authority, certificates.slice(0, n + 1))],
      ]);
      const issue = 'n=$(cat /ca/n); cat /ca/$n.pem && echo $((n + 1)) > /ca/n';
      const revoke = 'read h; read line; for n in 0 1 2 3; do if grep -qxF "$line" /ca/$n.pem; then exec cat /ca/$n.crl; fi; done; exit 9';
      return base.replica(service, name, { ...Object.fromEntries(files), '/ca/n': '0\n', '/ca/issue': issue, '/ca/revoke': revoke }, {});
    },
    signed: (name: string) => certificate(name, authority, servername),
    self: (name: string) => certificate(name),
  };
}
