import { describe, expect, test } from 'vitest';
import { answerError, lateError, lostError, slowError } from './failures.ts';

const attempt = { engine: 'local', host: 'unix:///d.sock', action: 'start container web', object: 'abc' };

/** Sentences as engines from 20.10 to 29 say them. */
describe('an answer that says no', () => {
  test.each([
    [404, 'No such container: web', 'not_found'],
    [404, 'No such exec instance: 1f', 'not_found'],
    [500, 'Cannot kill container: web: No such container: web', 'not_found'],
    [404, 'network shop_default not found', 'not_found'],
    [404, 'No such image: shop/web:1', 'image_gone'],
    [
      409,
      'Conflict. The container name "/web" is already in use by container "6a". You have to remove (or rename) that container to be able to reuse that name.',
      'name_taken',
    ],
    [409, 'network with name shop already exists', 'name_taken'],
    [
      500,
      'driver failed programming external connectivity on endpoint web: Bind for 0.0.0.0:8080 failed: port is already allocated',
      'port_taken',
    ],
    [
      500,
      'driver failed programming external connectivity on endpoint web (e1): Error starting userland proxy: listen tcp4 0.0.0.0:8080: bind: address already in use',
      'port_taken',
    ],
    [
      500,
      'failed to set up container networking: driver failed programming external connectivity on endpoint web: failed to bind host port for 0.0.0.0:8080:172.17.0.2:80/tcp: address already in use',
      'port_taken',
    ],
    [403, 'Address already in use', 'address_taken'],
    [500, 'failed to create task: mkdir /var/lib/docker/x: no space left on device', 'no_space'],
    [409, 'Container 4c is paused, unpause the container before exec', 'conflict'],
    [409, 'cannot remove container "/web": container is running: stop the container before removing or force remove', 'conflict'],
    [403, 'error while removing network: network shop id 77 has active endpoints', 'conflict'],
    [
      503,
      'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
      'not_a_manager',
    ],
    [503, "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state.", 'not_a_manager'],
    [400, "rpc error: code = InvalidArgument desc = secret 'token' is in use by the following service: shop_api", 'conflict'],
    [500, 'rpc error: code = Unknown desc = update out of sequence', 'conflict'],
    [409, 'rpc error: code = AlreadyExists desc = secret token already exists', 'name_taken'],
    [404, 'secret token not found', 'not_found'],
    [400, 'invalid restart policy: maximum retry count cannot be used with restart policy', 'engine_refused'],
    [400, 'client version 1.52 is too new. Maximum supported API version is 1.45', 'engine_version'],
    [500, 'OCI runtime create failed: no such file or directory', 'engine_failed'],
  ])('%i %s', (status, message, code) => {
    const error = answerError(attempt, status, JSON.stringify({ message }));
    expect(error).toMatchObject({
      code,
      status,
      exitCode: 6,
      lost: false,
      context: { engine: 'local', action: 'start container web', object: 'abc' },
    });
    expect(error.message).toBe(`engine local: cannot start container web: ${message}`);
  });

  test('in plain text, or in nothing', () => {
    expect(answerError(attempt, 503, 'upstream\n  is down').message).toBe('engine local: cannot start container web: upstream is down');
    expect(answerError(attempt, 500, '').message).toBe('engine local: cannot start container web: it answered 500');
  });

  test('repeats no secret, and shortens ids', () => {
    const error = answerError(
      { ...attempt, secrets: ['DB_PASSWORD=hunter22', 'hunter22'] },
      400,
      JSON.stringify({ message: `invalid hunter22 in ${'a1'.repeat(32)}` }),
    );
    expect(error.message).toBe('engine local: cannot start container web: invalid … in a1a1a1a1a1a1');
  });
});

describe('an answer that never came', () => {
  const lost = (code: string) => lostError(attempt, Object.assign(new Error(`connect ${code}`), { code }));
  test.each([
    ['ENOENT', 'there is no such socket'],
    ['ECONNREFUSED', 'nobody listens there'],
    ['EACCES', 'permission denied'],
    ['ECONNRESET', 'may or may not have been done'],
    ['EPIPE', 'may or may not have been done'],
    ['EHOSTUNREACH', 'connect EHOSTUNREACH'],
  ])('%s', (code, says) => {
    expect(lost(code)).toMatchObject({ code: 'engine_unreachable', lost: true });
    expect(lost(code).message).toContain(says);
  });

  test('permission denied says what to do', () => {
    expect(lost('EACCES').hint).toContain('usermod -aG docker');
  });

  test('a host with several addresses', () => {
    const cause = new AggregateError([new Error('connect ECONNREFUSED ::1:1')], '');
    expect(lostError(attempt, cause).message).toContain('connect ECONNREFUSED ::1:1');
  });

  test('late, and slow', () => {
    expect(lateError(attempt, 1500)).toMatchObject({
      code: 'engine_timeout',
      lost: true,
      message: 'engine local (unix:///d.sock): cannot start container web: no answer within 1.5 s',
    });
    expect(slowError(attempt, 1500)).toMatchObject({ code: 'engine_failed', lost: false });
  });
});
