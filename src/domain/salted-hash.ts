import { createHmac } from 'node:crypto';

/** Tells equal values apart from others without keeping them; worth nothing to who has not the salt. 64 hexadecimal digits. */
export function saltedHash(salt: Uint8Array): (value: string) => string {
  return (value) => createHmac('sha256', salt).update(value).digest('hex');
}
