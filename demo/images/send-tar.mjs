/**
 * Sends what a tar process writes, and ends that process also when the receiver refuses half way.
 *
 * @template T
 * @param {import('node:child_process').ChildProcess} tar
 * @param {(body: import('node:stream').Readable) => Promise<T>} send
 * @returns {Promise<T>}
 */
export async function sendTar(tar, send) {
  let problem = '';
  tar.stderr.on('data', (chunk) => {
    problem += chunk;
  });
  const ended = new Promise((resolve) => tar.once('close', resolve));
  try {
    const answer = await send(tar.stdout);
    if ((await ended) !== 0) throw new Error(`tar: ${problem.trim()}`);
    return answer;
  } finally {
    // Without a reader it would wait for ever.
    tar.stdout.destroy();
    tar.kill();
  }
}
