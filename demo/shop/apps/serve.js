import { createServer } from 'node:http';

/**
 * Serves until SIGTERM, then takes no new connections, lets the requests under way finish, and ends within a second.
 *
 * @param {(request: import('node:http').IncomingMessage) => Promise<{ status: number, body: unknown }>} answer
 * @param {() => Promise<void>} [release] what to close afterwards
 */
export function serve(answer, release = async () => {}) {
  const server = createServer(async (request, response) => {
    const { status, body } = await answer(request).catch((error) => ({ status: 500, body: { error: error.message } }));
    // A connection that stays open would be cut in the middle of a request when this process ends.
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    response.end(`${JSON.stringify(body)}\n`);
  });
  server.listen(8080, () => console.log('listening on 8080'));
  process.once('SIGTERM', () => {
    server.close(async () => {
      await release();
      process.exit(0);
    });
    setTimeout(() => process.exit(0), 1_000).unref();
  });
}

/** The body of a request, at most 16 KiB. */
export async function bodyOf(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > 16_384) throw new Error('the body is longer than 16 KiB');
  }
  return text;
}
