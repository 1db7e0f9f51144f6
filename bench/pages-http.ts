import { type Agent, type IncomingHttpHeaders, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

export interface Answer {
  /** As it came: compressed, where the server compresses. */
  readonly body: Buffer;
  readonly headers: IncomingHttpHeaders;
  /** Bytes on the wire, its head included. */
  readonly transferred: number;
  /** From the request to the last byte. */
  readonly ms: number;
  /** What a browser makes of it. */
  text(): string;
}

/** As a browser asks; where the server has had enough for the moment, again after the wait that it asks for. Throws for what is not answered with 200. */
export async function get(agent: Agent, url: string, cookie: string): Promise<Answer> {
  for (;;) {
    const answer = await ask(agent, url, cookie);
    if (typeof answer !== 'number') return answer;
    await sleep(answer * 1_000);
  }
}

/** Seconds to wait, of an answer that says so. */
function ask(agent: Agent, url: string, cookie: string): Promise<Answer | number> {
  const headers = { cookie, accept: 'text/html', 'accept-encoding': 'gzip, deflate, br' };
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    const sent = request(url, { agent, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const ms = performance.now() - begun;
        const body = Buffer.concat(chunks);
        const wait = Number(answer.headers['retry-after']);
        if (answer.statusCode === 429 && wait > 0) {
          resolve(wait);
          return;
        }
        if (answer.statusCode !== 200) {
          reject(new Error(`${url} answered ${answer.statusCode}`));
          return;
        }
        const head = answer.rawHeaders.reduce((sum, text) => sum + text.length + 2, 'HTTP/1.1 200 OK\r\n\r\n'.length);
        resolve({ body, headers: answer.headers, transferred: head + body.length, ms, text: () => decoded(body, answer.headers) });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

function decoded(body: Buffer, headers: IncomingHttpHeaders): string {
  const encoding = headers['content-encoding'];
  return (encoding === 'br' ? brotliDecompressSync(body) : encoding === 'gzip' ? gunzipSync(body) : body).toString('utf8');
}
