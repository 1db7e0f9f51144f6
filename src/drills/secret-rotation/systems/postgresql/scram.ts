import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import type { Secret } from '../../../../domain/secret.ts';

const iterations = 4_096;

/**
 * What PostgreSQL keeps of a password (`SCRAM-SHA-256$4096:SALT$STORED:SERVER`, RFC 5803), made here: the value itself then never reaches the server's
 * log or its statistics. Our values are ASCII, so SASLprep changes nothing.
 */
export function scramVerifier(password: Secret, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password.reveal(), salt, iterations, 32, 'sha256');
  const mac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(mac('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${mac('Server Key').toString('base64')}`;
}
