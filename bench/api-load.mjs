/** The load of the bench `api`, in a process of its own: `node api-load.mjs URL CONNECTIONS SECONDS` prints what came of it as JSON. */
import autocannon from 'autocannon';

const [, , url, connections, duration] = process.argv;
const {
  '2xx': good,
  non2xx: bad,
  errors,
  requests,
  latency,
} = await autocannon({ url, connections: Number(connections), duration: Number(duration) });
process.stdout.write(JSON.stringify({ good, bad, errors, average: requests.average, p99: latency.p99 }));
