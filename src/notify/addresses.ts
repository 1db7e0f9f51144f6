/**
 * Which addresses a webhook may lead to. What is not plainly on the public internet is refused unless the owner has said otherwise: a hook
 * must not be a way to ask the machine's own services, or the cloud's metadata, for something.
 */
import { BlockList, isIP } from 'node:net';

/** The owner's word, from the configuration. */
export interface Allowance {
  /** Loopback and the private ranges. Never link-local addresses and others where clouds keep their metadata. */
  readonly private: boolean;
  /** `10.1.0.0/16`, `fd00::/8`: these too, whatever they are. */
  readonly ranges: readonly string[];
}

/** Null when the address may be asked; else what it is: `loopback`, `private`, … */
export function whyNot(address: string, { private: allowPrivate, ranges }: Allowance): string | null {
  const plain = bare(address);
  if (isIP(plain) === 0) return 'not an address';
  if (holds(ranges, plain)) return null;
  const kind = kindOf(plain);
  return kind === null || (allowPrivate && owners.has(kind)) ? null : kind;
}

/** On the owner's own network: the only place that plain HTTP may lead to. */
export function isInternal(address: string): boolean {
  return kindOf(bare(address)) !== null;
}

const metadata = 'link-local, or where a cloud keeps its metadata';
const owners = new Set(['loopback', 'private']);

/** The first that fits. RFC 6890 and the registries that it began (https://www.iana.org/assignments/iana-ipv4-special-registry). */
const kinds: readonly (readonly [kind: string, ranges: readonly string[]])[] = [
  // before the private ranges that some lie in; Alibaba's, Azure's, Amazon's and Google's besides the link-local ones
  [metadata, ['169.254.0.0/16', 'fe80::/10', '100.100.100.200/32', '168.63.129.16/32', 'fd00:ec2::254/128', 'fd20:ce::254/128']],
  ['loopback', ['127.0.0.0/8', '::1/128']],
  ['private', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7']],
  ['multicast', ['224.0.0.0/4', 'ff00::/8']],
  [
    'reserved',
    [
      '0.0.0.0/8',
      '192.0.0.0/24',
      '192.0.2.0/24',
      '192.88.99.0/24',
      '198.18.0.0/15',
      '198.51.100.0/24',
      '203.0.113.0/24',
      '240.0.0.0/4',
      // each of these carries an IPv4 address inside, which would be a way round this list
      '::/96',
      '::ffff:0:0:0/96',
      '64:ff9b::/96',
      '64:ff9b:1::/48',
      '2002::/16',
      '2001::/23',
      '100::/64',
      '2001:db8::/32',
      'fec0::/10',
    ],
  ],
];

function kindOf(address: string): string | null {
  return kinds.find(([, ranges]) => holds(ranges, address))?.[0] ?? null;
}

function holds(ranges: readonly string[], address: string): boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const [net = '', bits = ''] = range.split('/');
    list.addSubnet(net, Number(bits), isIP(net) === 6 ? 'ipv6' : 'ipv4');
  }
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Without brackets and zone (`fe80::1%eth0`). An IPv4 address inside an IPv6 one (`::ffff:10.0.0.1`) is looked at as such by Node's list. */
function bare(address: string): string {
  return address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
}
