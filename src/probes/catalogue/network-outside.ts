import { endpointOf } from '../outside.ts';
import { type Answer, broken, type Facts, holds, inconclusive, notApplicable, type Outside, type Probe, type Step } from '../probe.ts';
import { errnoOf, fromStep, whole } from '../read.ts';
import { modeOf } from './network-mode.ts';

/** Clouds' own (AWS, Azure, GCP and others; Alibaba). By address: a name that does not resolve is no firewall. */
const metadata = [
  { host: '169.254.169.254', port: 80 },
  { host: '100.100.100.200', port: 80 },
];
/** Public resolvers: they answer everybody, on TCP too. */
const world = [
  { host: '1.1.1.1', port: 53 },
  { host: '9.9.9.9', port: 53 },
];

/** Any refusal shows that the program asks and that sockets can be had. */
const asks: Step = { name: 'control', run: "$B nc -w 1 127.0.0.1 9 -e $B true 2>&1 | $B grep -q 'Connection refused'" };

export const outside: readonly Probe[] = [
  {
    id: 'NET-01',
    group: 'network',
    title: 'The cloud’s metadata endpoint is closed',
    attempt: 'Asks the addresses of metadata services over HTTP, with GET and with the PUT of AWS’s second version.',
    severity: 'high',
    safety: 'may-leave-host',
    reading:
      'Any HTTP answer is broken, also one that refuses, as it shows that the service is reached. A refused connection and no route hold. Silence holds only if the address was seen to answer from elsewhere, which only a decoy can be.',
    control: 'The same request gets an HTTP answer from a server on the dummy’s own loopback; and what is silent was seen to answer.',
    steps: (ground) => [
      {
        name: 'control',
        aside: true,
        run: [
          '$B httpd -f -p 127.0.0.1:47101 -h /.probe & p=$!',
          'for i in 1 2 3 4 5 6 7 8; do $B sleep 0.1; $B nc -w 1 127.0.0.1 47101 -e $B true 2>/dev/null && break; done',
          `${asked('GET', { host: '127.0.0.1', port: 47101 })} | $B grep 'HTTP/1'; r=$?; kill $p; exit $r`,
        ].join('; '),
      },
      {
        name: 'asked',
        aside: true,
        seconds: 5,
        run: `${addresses(ground.outside, metadata)
          .flatMap((address) => [asked('GET', address), asked('PUT', address)])
          .map((ask) => `${ask} &`)
          .join(' ')} wait`,
      },
    ],
    judge: (facts) =>
      whenAsked(facts, 'asked', (result) => {
        const lines = result.output.split('\n').filter((line) => line !== '');
        const answered = lines.filter((line) => / HTTP\/\d/.test(line));
        if (answered.length > 0) return broken(`a metadata service answers: ${answered.join(', ')}`);
        if (lines.length < 2 * addresses(facts.outside, metadata).length) return inconclusive('not all could be asked');
        const errnos = lines.map(errnoOf);
        if (errnos.includes(null)) return inconclusive('what answered there is not HTTP, and no refusal');
        const said = [...new Set(errnos)].join(', ');
        if (facts.outside?.answers !== true && !errnos.every((errno) => errno === 'ENETUNREACH' || errno === 'ECONNREFUSED'))
          return inconclusive(`it is silent (${said}), and it is not known that it answers anybody`);
        return whole(holds(`no metadata service answers (${said})`), result);
      }),
    weakness: { in: 'outside' },
  },
  {
    id: 'NET-02',
    group: 'network',
    title: 'Nothing gets out by default',
    attempt: 'Connects to an address outside over TCP.',
    severity: 'medium',
    safety: 'may-leave-host',
    reading:
      'A connection is broken. No route holds. Silence holds only if the address was seen to answer from elsewhere. A refusal is inconclusive: the outside may have given it, or a firewall.',
    control:
      'The program is refused on loopback, where nothing listens; and the address was seen to answer, or the kernel has no route to it.',
    steps: (ground) => [
      asks,
      {
        name: 'connect',
        aside: true,
        seconds: 5,
        run: `${addresses(ground.outside, world)
          .map(({ host, port }) => `{ o=$($B nc -w 2 ${host} ${port} -e $B true 2>&1); echo "${host}:${port} $? \${o##*: }"; } &`)
          .join(' ')} wait`,
      },
    ],
    judge: (facts) =>
      whenAsked(facts, 'connect', (result) => {
        const lines = result.output.split('\n').filter((line) => line !== '');
        const open = lines.filter((line) => / 0 /.test(`${line} `)).map((line) => line.split(' ')[0]);
        if (open.length > 0) return broken(`it connects to ${open.join(' and ')}`);
        if (lines.length < addresses(facts.outside, world).length) return inconclusive('not all could be asked');
        const errnos = lines.map(errnoOf);
        if (errnos.includes(null)) return inconclusive('the program did not say how it failed');
        if (errnos.includes('ECONNREFUSED'))
          return inconclusive('it is refused: by the outside, which is then reached, or by a firewall that says so');
        if (errnos.every((errno) => errno === 'ENETUNREACH'))
          return whole(holds('the kernel has no route to the outside (ENETUNREACH)'), result);
        if (facts.outside?.answers === true)
          return whole(holds(`what answers elsewhere does not here: it is filtered (${[...new Set(errnos)].join(', ')})`), result);
        return inconclusive('there is a route, and nobody answers: a filter, or an outside that is not there');
      }),
    weakness: { in: 'outside' },
  },
  {
    id: 'NET-03',
    group: 'network',
    title: 'Names of the outside do not resolve',
    attempt: 'Asks the container’s own resolver for a name outside, unique so that no cache has it where a decoy answers.',
    severity: 'medium',
    safety: 'may-leave-host',
    reading:
      'An address is broken: data can leave in names. SERVFAIL, a refusal and silence hold only if the outside was seen to answer from elsewhere. NXDOMAIN is inconclusive: somebody answered, and it is not known who.',
    control: 'The program is there and asks; and the outside was seen to answer.',
    steps: (ground) => [
      asks,
      {
        name: 'lookup',
        aside: true,
        seconds: 5,
        run:
          ground.outside !== null && 'decoy' in ground.outside
            ? '$B timeout 4 $B nslookup -type=a "$($B cat /proc/sys/kernel/random/uuid).drill.invalid."'
            : '$B timeout 4 $B nslookup -type=a example.com.',
      },
    ],
    judge: (facts) =>
      whenAsked(facts, 'lookup', ({ output, exitCode }) => {
        // the first address is the resolver's own
        if (/^Name:[\s\S]*^Address/m.test(output)) return broken('a name outside resolves: data can leave in names');
        if (/NXDOMAIN/.test(output)) return inconclusive('somebody answered that there is no such name, and who is not known');
        const said = /SERVFAIL|REFUSED/.exec(output)?.[0] ?? errnoOf(output) ?? (ended(exitCode) ? 'silence' : null);
        if (said === null || said === 'NOAPPLET') return inconclusive(`its answer is none that is known: exit ${exitCode}`);
        if (facts.outside?.answers === true) return holds(`its resolver gets no answer from outside (${said})`);
        return inconclusive(`no answer (${said}), and it is not known that there was one to be had`);
      }),
    weakness: { in: 'outside' },
  },
];

/** `timeout` ends what waits by SIGTERM. */
function ended(exitCode: number): boolean {
  return [15, 124, 137, 143].includes(exitCode);
}

function addresses(outside: Outside | null, real: readonly { readonly host: string; readonly port: number }[]) {
  if (outside === null) return [];
  return 'decoy' in outside ? [endpointOf(outside.decoy)] : real;
}

/** The status line alone: what else a metadata service says may be a secret. */
function asked(method: 'GET' | 'PUT', { host, port }: { readonly host: string; readonly port: number }): string {
  const [path, more] =
    method === 'GET'
      ? ['/latest/meta-data/', '']
      : ['/latest/api/token', '\\r\\nX-aws-ec2-metadata-token-ttl-seconds: 1\\r\\nContent-Length: 0'];
  const request = `${method} ${path} HTTP/1.0\\r\\nHost: ${host}${more}\\r\\n\\r\\n`;
  return `{ o=$(printf '${request}' | $B timeout 3 $B nc -w 2 ${host} ${port} 2>&1 | $B head -n 1 | $B head -c 100); echo "${method} ${host}:${port} $o"; }`;
}

function whenAsked(facts: Facts, name: string, read: Parameters<typeof fromStep>[2]): Answer {
  if (facts.step(name) !== null) return fromStep(facts, name, read);
  if (facts.outside === null) return notApplicable('not attempted: it may leave the host, which was not asked for');
  if (facts.unattempted === null && ['host', 'container'].includes(modeOf(facts.inspect)))
    return inconclusive('the dummy has not the network of the original, which is not its own');
  return fromStep(facts, name, read);
}
