import { createHash, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';

/** A value that nobody may see. Printed, put in JSON or into a text it says `[secret]`; only `reveal` gives it away. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** For the one who hands it to where it is used: standard input, a file, a protocol. Never for argv, an environment, a message or a record. */
  reveal(): string {
    return this.#value;
  }

  /** 8 hexadecimal digits that tell two secrets of a run apart, and nothing of the secret to who does not know the salt. */
  fingerprint(salt: string): string {
    return createHash('sha256').update(`${salt}\0${this.#value}`).digest('hex').slice(0, 8);
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

/** 256 random bits, as 43 characters that need no quoting anywhere. */
export function newSecret(): Secret {
  return new Secret(randomBytes(32).toString('base64url'));
}
