import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../domain/secret.ts';
import { contentOf, valueIn } from './content.ts';
import { deliverSchema } from './schema.ts';

const value = fc.stringMatching(/^[!-~]{1,40}$/);

describe('a file’s content', () => {
  it('gives back the value that was put into it, whatever both are', () => {
    const format = fc.tuple(fc.stringMatching(/^[^{}]{0,9}$/), fc.stringMatching(/^[^{}]{0,9}\n?$/)).map(([a, b]) => `${a}{secret}${b}`);
    fc.assert(
      fc.property(format, value, (written, secret) => {
        const content = contentOf(written, { user: null, secret: new Secret(secret) }).reveal();
        expect(valueIn(written, content)?.reveal()).toBe(secret);
      }),
    );
  });

  it('is read with or without its last line feed', () => {
    for (const content of ['s3cret', 's3cret\n', 's3cret\r\n']) expect(valueIn('{secret}\n', content)?.reveal()).toBe('s3cret');
  });

  it('has the user’s name where the format has it, and is read whoever that was', () => {
    const url = 'postgres://{user}:{secret}@db';
    expect(contentOf(url, { user: 'a$&', secret: new Secret('$1{user}') }).reveal()).toBe('postgres://a$&:$1{user}@db');
    expect(valueIn(url, 'postgres://app:x:y@db\n')?.reveal()).toBe('x:y');
  });

  it('of another format has no value', () => {
    expect(valueIn('password={secret}', 'token=x')).toBeNull();
    expect(valueIn('{secret}\n', '\n')).toBeNull();
  });
});

describe('how a consumer takes it', () => {
  const problems = (given: object) =>
    deliverSchema()
      .safeParse(given)
      .error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? [];
  it('is one way at most', () => {
    expect(problems({ file: '/a', reload: 'SIGHUP' })).toEqual([]);
    expect(problems({ file: '/a' })).toEqual([]);
    expect(problems({ file: '/a', reload: 'SIGHUP', restart: true })).toEqual(['restart is one way too many: there is reload already']);
  });
  it('names files and signals as they are named', () => {
    expect(problems({ file: 'a', reload: 'HUP' })).toHaveLength(2);
    expect(problems({ file: '/a/', format: 'x' })).toHaveLength(2);
    expect(problems({ file: '/a', reload: 'SIGKILL' })).toEqual(['reload ends a container, and reloads nothing (try restart: true)']);
    expect(problems({ file: '/a', userFile: '/a' })).toEqual(['userFile is the file of the value too']);
  });
});
