import { readFileSync } from 'node:fs';
import pg from 'pg';

/** The shop's orders in PostgreSQL, through a pool whose password can be exchanged while it works. */
export function openDatabase(env) {
  const [, host, port, database] = /^(.+):(\d+)\/(.+)$/.exec(env.DATABASE);
  const connect = () => {
    const password = readFileSync(env.DATABASE_PASSWORD_FILE, 'utf8').trim();
    const settings = {
      host,
      port: Number(port),
      database,
      // two roles can take turns: then the name changes with the password
      user: env.DATABASE_ROLE_FILE ? readFileSync(env.DATABASE_ROLE_FILE, 'utf8').trim() : env.DATABASE_ROLE,
      password,
      max: 5,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
    };
    const made = new pg.Pool(settings);
    // An idle connection that is cut is replaced by the pool; unheard, its error would end the process.
    made.on('error', (error) => console.error(`database: ${error.message}`));
    return made;
  };
  let pool = connect();
  const ready = prepare(() => pool);

  return {
    check: async () => {
      await pool.query('select 1');
    },
    orders: async () => {
      await ready();
      const [{ rows }, total] = await Promise.all([
        pool.query('select id, item, quantity, placed from orders order by id desc limit 20'),
        pool.query('select count(*)::int as count from orders'),
      ]);
      return { count: total.rows[0].count, orders: rows };
    },
    order: async (request, item, quantity) => {
      await ready();
      return (await pool.query(PLACE, [request, item, quantity])).rows[0].id;
    },
    reload: async () => {
      const old = pool;
      pool = connect();
      await old.end();
    },
    close: () => pool.end(),
  };
}

/** Makes the table when it is first needed, and again after a failure: the database may come up after us. */
function prepare(pool) {
  let done;
  return () => {
    done ??= pool()
      .query(TABLE)
      .catch((error) => {
        done = undefined;
        // Two replicas that make it at the same time: one of them is told so, and the table is there.
        if (error.code !== '23505' && error.code !== '42P07') throw error;
      });
    return done;
  };
}

const TABLE = `create table if not exists orders (
  id bigint generated always as identity primary key,
  request text not null unique,
  item text not null,
  quantity int not null,
  placed timestamptz not null default now()
)`;

// A request that is sent again, because its first answer was lost on the way, gets the order that it has made already.
const PLACE = `insert into orders (request, item, quantity) values ($1, $2, $3)
  on conflict (request) do update set request = excluded.request returning id`;
