import { expect, test } from 'vitest';
import { whoWasAnswered } from './measure.ts';
import type { Answer, Reach } from './reach-lines.ts';

const answer = (reach: Reach): Answer => ({ key: 0, reach, errno: null, tries: 1 });

test('an answer by one protocol is no control of the other', () => {
  const tcp = new Map([['web', new Map([['~10.0.0.9 53', answer('open')]])]]);
  const udp = new Map([
    ['own', new Map([['10.0.0.9 5353', answer('open')]])],
    ['api', new Map([['10.0.0.9 123', answer('timeout')]])],
  ]);
  expect(whoWasAnswered(tcp, udp)).toEqual(
    new Map([
      ['tcp 10.0.0.9 53', new Set(['web'])],
      ['udp 10.0.0.9 5353', new Set(['own'])],
    ]),
  );
});
