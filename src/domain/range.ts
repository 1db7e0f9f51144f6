import { isIP } from 'node:net';

/** Whether it is a range of addresses as `10.1.0.0/16` or `fd00::/8`. */
export function isRange(text: string): boolean {
  const [address = '', bits = '', ...more] = text.split('/');
  const family = isIP(address);
  return family !== 0 && more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}
