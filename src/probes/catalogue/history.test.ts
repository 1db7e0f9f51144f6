import { expect, test } from 'vitest';
import { describeLayer } from './history.ts';

test.each([
  ['/bin/sh -c #(nop)  ENV A=b', 'ENV', 'A=b', []],
  ['ENV A=b', 'ENV', 'A=b', []],
  ['/bin/sh -c #(nop) ADD file:0123 in / ', 'ADD', 'file:0123 in /', []],
  ['ADD alpine-minirootfs-3.20.0-x86_64.tar.gz / # buildkit', 'ADD', 'alpine-minirootfs-3.20.0-x86_64.tar.gz /', []],
  ['RUN |2 A=b C=d /bin/sh -c npm ci # buildkit', 'RUN', '|2 A=b C=d /bin/sh -c npm ci', ['A=b', 'C=d']],
  ['|1 A=b /bin/sh -c npm ci', 'RUN', '|1 A=b /bin/sh -c npm ci', ['A=b']],
  ['/bin/sh -c apt-get update', 'RUN', '/bin/sh -c apt-get update', []],
  ['/bin/bash -o pipefail -c #(nop)  CMD ["bash"]', 'CMD', '["bash"]', []],
  ['ARG TOKEN=abc', 'ARG', 'TOKEN=abc', []],
  ['', '', '', []],
])('%s', (line, instruction, text, buildArguments) => {
  expect(describeLayer(line)).toEqual({ instruction, text, buildArguments });
});
