import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { posix } from 'node:path';
import type { Answers, Question } from './agent-lines.ts';
import { Fault } from './agent-path.ts';

/** ms without an answer, after which it is given up. */
const patienceMs = 10_000;

/** The mount that a path of a process is on: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html. */
export async function mounted(asked: Extract<Question, { do: 'mounted' }>): Promise<Answers['mounted']> {
  const table = await readFile(`/proc/${asked.process}/mountinfo`, 'utf8');
  const rows = table.split('\n').flatMap((line) => {
    const [left = '', right = ''] = line.split(' - ');
    const [, , , , point = '', options = ''] = left.split(' ');
    const plain = point.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
    const rest = posix.relative(plain, asked.path);
    if (point === '' || rest === '..' || rest.startsWith('../')) return [];
    return [{ point: plain, type: right.split(' ')[0] ?? '', readOnly: options.split(',').includes('ro') }];
  });
  // of two at one place the later hides the earlier
  const [top] = rows.reverse().toSorted((a, b) => b.point.length - a.point.length);
  if (top === undefined) throw new Fault('ENOENT');
  return top;
}

/** The first of the hosts that answers. */
export async function post(asked: Extract<Question, { do: 'post' }>): Promise<Answers['post']> {
  let last: Answers['post'] = { status: null, code: 'ECONNREFUSED' };
  for (const host of asked.hosts) {
    last = await postTo(host, asked.port, asked.path);
    if (last.code !== 'ECONNREFUSED') return last;
  }
  return last;
}

function postTo(host: string, port: number, path: string): Promise<Answers['post']> {
  return new Promise((resolve) => {
    const asking = request({ host, port, path, method: 'POST', headers: { 'content-length': '0' }, timeout: patienceMs }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? null, code: null });
    });
    asking.on('timeout', () => {
      resolve({ status: null, code: 'timeout' });
      asking.destroy();
    });
    asking.on('error', (error: NodeJS.ErrnoException) => resolve({ status: null, code: error.code ?? 'UNKNOWN' }));
    asking.end();
  });
}
