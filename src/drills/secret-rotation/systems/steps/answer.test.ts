import { expect, test } from 'vitest';
import type { Secret } from '../../../../domain/secret.ts';
import { readAnswer } from './answer.ts';

const plain = { user: ['user'], secret: ['secret'], keep: {} };
const nested = { user: ['data', 'username'], secret: ['data', 'password'], keep: { lease: ['lease_id'] } };

function shown(text: string, paths = plain as Parameters<typeof readAnswer>[1], mayBeEmpty = false) {
  const answer = readAnswer(text, paths, mayBeEmpty);
  if ('problem' in answer) return answer.problem;
  const kept = Object.entries(answer.kept).map(([name, value]: [string, Secret]) => [name, value.reveal()]);
  return [answer.user, answer.secret?.reveal() ?? null, ...kept];
}

test('a credential is found where it is said to be', () => {
  expect(shown('{"user":"a","secret":"s","more":1}\n')).toEqual(['a', 's']);
  expect(shown('{"secret":"s"}')).toEqual([null, 's']);
  expect(shown('{"lease_id":"l/1","data":{"username":"u","password":"p"}}', nested)).toEqual(['u', 'p', ['lease', 'l/1']]);
});

test('with a value of our own it may say nothing, or a user', () => {
  expect(shown('  \n', plain, true)).toEqual([null, null]);
  expect(shown('{"user":"u"}', plain, true)).toEqual(['u', null]);
});

test.for([
  ['', 'answered with what is no JSON map'],
  ['ERROR hunter2', 'answered with what is no JSON map'],
  ['["hunter2"]', 'answered with what is no JSON map'],
  ['{"user":"hunter2"}', 'answered without secret'],
  ['{"user":["hunter2"],"secret":"s"}', 'answered with a user that is no text'],
  ['{"user":"u","secret":{"hunter2":1}}', 'answered with a secret that is no text'],
  ['{"user":"u","secret":""}', 'answered with a secret that is no text'],
  ['{"__proto__":{"secret":"hunter2"}}', 'answered without secret'],
])('%s is no answer, and is not repeated', ([text = '', problem]) => {
  expect(shown(text)).toBe(problem);
});

test('what is to be kept must be there', () => {
  expect(shown('{"data":{"username":"u","password":"p"}}', nested)).toBe('answered without lease_id');
});
