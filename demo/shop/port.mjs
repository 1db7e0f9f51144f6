import { createServer } from 'node:net';

/**
 * Throws `problem(port)` when another program listens on that port of 127.0.0.1.
 *
 * @param {number} port
 * @param {(port: number) => Error} problem
 */
export function requireFreePort(port, problem) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => reject(error.code === 'EADDRINUSE' ? problem(port) : error));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
  });
}
