import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';

/** Counters in Redis. An order does not fail because its counter does: it is counted as null. */
export function openCounters(env) {
  const [host, port] = env.REDIS.split(':');
  const connect = () => {
    const password = readFileSync(env.REDIS_PASSWORD_FILE, 'utf8').trim();
    const settings = {
      host,
      port: Number(port),
      username: env.REDIS_ROLE,
      password,
      maxRetriesPerRequest: 1,
      commandTimeout: 1_000,
      retryStrategy: () => 250,
    };
    const made = new Redis(settings);
    made.on('error', (error) => console.error(`redis: ${error.message}`));
    return made;
  };
  let client = connect();
  return {
    count: async (name) => {
      try {
        return await client.incr(name);
      } catch {
        return null;
      }
    },
    reload: async () => {
      const old = client;
      client = connect();
      await old.quit();
    },
    close: async () => client.disconnect(),
  };
}
