import { randomUUID } from 'node:crypto';
import { openCounters } from './counters.js';
import { openDatabase } from './database.js';
import { bodyOf, serve } from './serve.js';

const database = openDatabase(process.env);
const counters = openCounters(process.env);

// New passwords are in the files: connections that are made from now on use them, and those under way finish.
process.on('SIGHUP', () => {
  console.log('SIGHUP: reading the passwords again');
  Promise.all([database.reload(), counters.reload()]).catch((error) => console.error(`reload: ${error.message}`));
});

serve(
  async (request) => {
    const route = `${request.method} ${request.url.split('?')[0]}`;
    if (route === 'GET /healthz') {
      await database.check();
      return { status: 200, body: { healthy: true } };
    }
    if (route === 'GET /orders') {
      const [orders, seen] = await Promise.all([database.orders(), counters.count('orders:read')]);
      return { status: 200, body: { ...orders, seen } };
    }
    if (route === 'POST /orders') {
      const { item, quantity } = JSON.parse(await bodyOf(request));
      if (typeof item !== 'string' || item.length > 100 || !Number.isInteger(quantity) || quantity < 1) {
        return { status: 400, body: { error: 'an order is { "item": "…", "quantity": 1 }' } };
      }
      const id = await database.order(request.headers['x-request-id'] ?? randomUUID(), item, quantity);
      await counters.count('orders:placed');
      return { status: 201, body: { id } };
    }
    return { status: 404, body: { error: `no ${route}` } };
  },
  () => Promise.all([database.close(), counters.close()]),
);
