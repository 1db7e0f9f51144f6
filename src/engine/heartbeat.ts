import type { EngineClient } from './client.ts';

/** ms of silence after which a stream's engine is asked whether it still lives. */
const silence = 30_000;

/**
 * The chunks of a stream that may be silent for days. A connection that is half open, or an engine that hangs, is silent too: so
 * after each half minute of silence the engine is pinged, and the stream fails when it does not answer.
 */
export async function* watched(
  client: EngineClient,
  stream: AsyncIterable<Buffer> & { destroy(error?: Error): unknown },
  silenceMs = silence,
): AsyncGenerator<Buffer> {
  const done = new AbortController();
  let heard = client.clock.monotonic();
  const watch = async () => {
    for (;;) {
      const quiet = client.clock.monotonic() - heard;
      if (quiet < silenceMs) {
        await client.clock.sleep(silenceMs - quiet, done.signal);
        continue;
      }
      await client.ping({ signal: done.signal });
      heard = client.clock.monotonic();
    }
  };
  watch().catch((error) => {
    if (!done.signal.aborted) stream.destroy(error);
  });
  try {
    for await (const chunk of stream) {
      heard = client.clock.monotonic();
      yield chunk;
    }
  } finally {
    done.abort();
  }
}
