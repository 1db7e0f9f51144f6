import { expect, test } from 'vitest';
import { certificate } from '../../../../engine/testkit-certificate.ts';
import { fingerprintOf, readIdentity } from './pem.ts';
import { blocks, lines } from './trust-lists.ts';

const [one, two] = ['one', 'two'].map((name) => readIdentity(certificate(name).cert, name)) as [
  ReturnType<typeof readIdentity>,
  ReturnType<typeof readIdentity>,
];

test('a line comes and goes in the form that the file has, and all else stays', () => {
  const colons = `# who may\n${one.certificate.fingerprint256} api\n`;
  expect(lines.holds(colons, one)).toBe(true);
  expect(lines.holds(colons, two)).toBe(false);
  const both = lines.add(colons, two);
  expect(both).toBe(`${colons}${two.certificate.fingerprint256}\n`);
  expect(lines.remove(both, one)).toBe(`# who may\n${two.certificate.fingerprint256}\n`);
  expect(lines.remove(both, two)).toBe(colons);
  expect(lines.add('', one)).toBe(`${fingerprintOf(one.certificate)}\n`);
  expect(lines.add('none yet', one)).toBe(`none yet\n${fingerprintOf(one.certificate)}\n`);
});

test('a block comes and goes, whatever stands between them', () => {
  const first = `one:\n${one.chain}\n`;
  const both = blocks.add(first, two);
  expect([blocks.holds(both, one), blocks.holds(both, two), blocks.holds(first, two)]).toEqual([true, true, false]);
  expect(blocks.remove(both, two)).toBe(first);
  expect(blocks.holds(blocks.remove(both, one), one)).toBe(false);
  expect(blocks.remove(both, one)).toContain(two.certificate.toString().trim());
});

test('what is read is a certificate with the key that is its own, or is refused without a word of it', () => {
  const { cert, key } = certificate('mine');
  expect(readIdentity(`${key}\n${cert}`, 'it')).toMatchObject({ key });
  expect(() => readIdentity(`${cert}${certificate('other').key}`, 'it')).toThrow("it holds a private key that is not its certificate's");
  expect(() => readIdentity('nothing', 'it')).toThrow('it holds no certificate in PEM');
  const broken = cert.replace(/\n.{20}/, '\nAAAAAAAAAAAAAAAAAAAA');
  expect(() => readIdentity(broken, 'it')).toThrow(/^it holds a certificate that cannot be read$/);
});
