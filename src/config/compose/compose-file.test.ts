import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InvalidError } from '../../domain/errors.ts';
import { readComposeFile, serviceLines } from './compose-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pitwall-compose-file-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(text: string, environment: Record<string, string> = {}) {
  writeFileSync(join(folder, 'c.yml'), text);
  return readComposeFile('c.yml', { cwd: folder, environment });
}

test.for([
  ['services: { a: {} }', /c\.yml:1:13 services\.a: names neither an image nor what to build/],
  ['services:\n  a:\n    image: x\n    ports: ["99999:1"]\n', /c\.yml:4:\d+ services\.a\.ports\[0\]: must be a port/],
  ['services:\n  a:\n    image: x\n    volumes: [gone:/x]\n', /c\.yml:4:\d+ .*names the volume gone/],
  ['services:\n  a:\n    image: x\n    networks: [gone]\n', /names the network gone/],
  ['services:\n  a:\n    image: x\n    network_mode: service:gone\n', /must name a service of this file/],
  [
    'services:\n  a:\n    image: x\n    network_mode: service:b\n  b: { image: y, profiles: [debug] }\n',
    /c\.yml:4:\d+ services\.a\.network_mode: .*service b, which is left out by its profile/,
  ],
  ['services:\n  a: { image: x, pid: "service:b" }\n  b: { image: y, profiles: [debug] }\n', /services\.a\.pid: .*left out/],
  ['services:\n  a: { image: x, ipc: "service:a" }\n', /services\.a\.ipc: .*circle/],
  ['services:\n  a: { image: x, pid: "service:b" }\n  b: { image: y, network_mode: "service:a" }\n', /services\.a\.pid: .*a → b → a/],
  ['services:\n  a: { image: x, mem_limit: lots }\n', /services\.a\.mem_limit: must be a size/],
  ['services:\n  a: { image: x, privileged: maybe }\n', /services\.a\.privileged: must be true or false/],
  ['services:\n  a: { extends: { service: b, file: o.yml } }\n', /extends: of another file is not read/],
  ['services:\n  a: { extends: b }\n  b: { extends: a }\n', /goes round in a circle/],
  ['include: [o.yml]\nservices: { a: { image: x } }\n', /c\.yml:1:1 include: is not read/],
  ['services:\n  a: { image: "$' + '{TAG:?give a tag}" }\n', /c\.yml:2:\d+ services\.a\.image: needs the variable TAG: give a tag/],
  ['services:\n  a: { image: x, security_opt: ["seccomp=rules.json"] }\n', /file of seccomp rules/],
  ['services:\n  a: { image: x, env_file: gone.env }\n', /cannot be read/],
  ['services: {}\n', /has no service/],
  ['services:\n  a: { image: !reset x }\n', /tags/],
  ['- a\n', /must be a map/],
  ['a: [\n', /c\.yml:\d+/],
] as const)('%s: refused with its place', ([text, message]) => {
  expect(() => read(text)).toThrow(InvalidError);
  expect(() => read(text)).toThrow(message);
});

test('a value is in no message: it may be a secret', () => {
  const secret = 'hunter2hunter2';
  const text = `services:\n  a: { image: x, environment: { KEY: "$` + `{KEY}" }, ports: ["$` + `{KEY}"] }\n`;
  const message = (() => {
    try {
      return JSON.stringify(read(text, { KEY: secret }));
    } catch (error) {
      return (error as Error).message;
    }
  })();
  expect(message).toMatch(/ports/);
  expect(message).not.toContain(secret);
});

test('what is not taken over is said, never dropped in silence', () => {
  const { notes, services } = read(
    'services:\n  a:\n    image: x\n    credential_spec: { file: y }\n    blkio_config: { weight: 1 }\n    volumes_from: [b]\n  b: { image: y, profiles: [debug] }\n',
  );
  expect(services.map(({ name }) => name)).toEqual(['a']);
  expect(notes).toEqual([
    'c.yml:7 services.b: is left out: its profile (debug) is not in COMPOSE_PROFILES',
    'c.yml:4 services.a.credential_spec: is not taken over: what it does to the container is not tested',
    'c.yml:5 services.a.blkio_config: is not taken over: what it does to the container is not tested',
    'c.yml:6 services.a.volumes_from: is not taken over: what it does to the container is not tested',
  ]);
});

test('merge keys: its own wins, then the first of several; lines are those of the file', () => {
  const { services, project } = read(
    'name: shop\nx-a: &a { image: one, user: "1" }\nx-b: &b { image: two, working_dir: /b }\nservices:\n  s:\n    <<: [*a, *b]\n    user: "9"\n  built:\n    build: .\n',
  );
  expect(project).toBe('shop');
  expect(services[0]).toMatchObject({ image: 'one', line: 5, lines: { user: 7, working_dir: 5 }, body: { User: '9', WorkingDir: '/b' } });
  expect(services[1]).toMatchObject({ image: 'shop-built', built: true, line: 8 });
  expect(serviceLines(join(folder, 'c.yml'))).toEqual({ s: 5, built: 8 });
  expect(serviceLines(join(folder, 'gone.yml'))).toBeNull();
});

test('the project is named by the environment, the file, or the folder, in this order', () => {
  const text = 'name: b\nservices: { a: { image: x } }\n';
  expect(read(text, { COMPOSE_PROJECT_NAME: 'a' }).project).toBe('a');
  expect(read(text).project).toBe('b');
  expect(read('services: { a: { image: x } }\n').project).toMatch(/^pitwall-compose-file-/);
});

test('an env_file that has no end, or is none, is refused and not read', () => {
  for (const path of ['/dev/zero', '/']) {
    expect(() => read(`services: { a: { image: x, env_file: ${path} } }`)).toThrow(/not a regular file|a folder/);
  }
});
