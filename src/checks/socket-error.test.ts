import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createPlain } from 'node:http';
import { createServer as createTls } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkScope, never } from '../../test/checks/scope.ts';
import { openCheck } from './check.ts';
import { socketError } from './socket-error.ts';

const coded = (code: string) => Object.assign(new Error('to http://user:hunter2@host failed'), { code });

describe('socketError', () => {
  test.each([
    ['ECONNREFUSED', 'connection refused'],
    ['ENOTFOUND', 'name does not resolve'],
    ['HPE_INVALID_CONSTANT', 'the answer is not HTTP (HPE_INVALID_CONSTANT)'],
    ['CERT_HAS_EXPIRED', 'TLS failed (certificate has expired)'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'TLS failed (UNABLE_TO_VERIFY_LEAF_SIGNATURE)'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'TLS failed (ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION)'],
    ['ENEWCODE', 'request failed (ENEWCODE)'],
    ['not a code: hunter2', 'request failed'],
  ])('%s', (code, text) => {
    expect(socketError(coded(code))).toBe(text);
  });

  test('what is no error of a socket', () => {
    expect(socketError('hunter2')).toBe('request failed');
    expect(socketError(new Error('hunter2'))).toBe('request failed');
  });
});

async function ask(server: Server): Promise<string | null> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const spec = { name: 'c', type: 'http', url, status: 200, from: null, everyMs: 250, timeoutMs: 5_000, minAvailability: null } as const;
  const { error } = await openCheck(spec, checkScope()).ask(never);
  server.close();
  return error;
}

describe('TLS', () => {
  test('with a server that does not speak it', async () => {
    expect(await ask(createPlain())).toMatch(/^TLS failed/);
  });

  test('with a certificate that nobody vouches for', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pitwall-test-'));
    const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', cert, '-days', '1', '-subj', '/CN=localhost'], {
      stdio: 'ignore',
    });
    const server = createTls({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => response.end());
    rmSync(folder, { recursive: true });
    expect(await ask(server)).toBe('TLS failed (certificate is self-signed)');
  });
});
