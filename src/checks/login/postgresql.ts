import { Socket } from 'node:net';
import pg from 'pg';
import type { Command, CommandAnswer, Door } from '../prober/contract.ts';
import { hungUp } from './codes.ts';
import { accepted, type Connection, type Network, type Verdict } from './connection.ts';
import { loginVerdict, sessionVerdict } from './postgresql-verdict.ts';

/** How long the server may take to answer a leave. */
const leaveMs = 1_000;

export function postgresql(door: Extract<Door, { protocol: 'postgresql' }>, secret: string, { lookup }: Network): Connection {
  const { host, port, database, user } = door;
  const socket = socketTo(host, port, lookup);
  const client = new pg.Client({
    host,
    port,
    database,
    user,
    password: secret,
    ssl: false,
    stream: () => socket,
    application_name: 'pitwall',
  });
  let open = false;
  let end: Verdict | null = null;
  const ends = (error: unknown) => {
    end ??= open ? sessionVerdict(error) : loginVerdict(error);
  };
  // without a listener an error of an idle client would end the process
  client.on('error', ends);
  client.on('end', () => ends(new Error('Connection terminated')));

  return {
    async login() {
      try {
        await client.connect();
        open = true;
        return end ?? accepted;
      } catch (error) {
        ends(error);
        return loginVerdict(error);
      }
    },
    async ask() {
      if (end !== null) return end;
      try {
        await client.query('SELECT 1');
        return accepted;
      } catch (error) {
        return failed(error);
      }
    },
    async command({ text, values }: Command): Promise<CommandAnswer> {
      try {
        const { rows } = await client.query<Record<string, unknown>>(text, values === undefined ? [] : [...values]);
        return { ok: true, rows };
      } catch (error) {
        const { answer, code } = failed(error);
        return { ok: false, answer: answer === 'closed' ? 'closed' : 'unknown', code: code ?? hungUp };
      }
    },
    over: () => end,
    leave() {
      const late = setTimeout(() => socket.destroy(), leaveMs);
      client
        .end()
        .catch(() => undefined)
        .finally(() => {
          clearTimeout(late);
          socket.destroy();
        });
    },
    destroy: () => void socket.resetAndDestroy(),
  };

  function failed(error: unknown): Verdict {
    const verdict = sessionVerdict(error);
    if (verdict.answer === 'closed') end ??= verdict;
    // the server's last word, when it has said one, tells more than that it hung up
    return verdict.code === hungUp && end !== null ? end : verdict;
  }
}

/** pg connects a socket that it is given by `connect(port, host)`, and would look names up with no limit of how many at once. */
function socketTo(host: string, port: number, lookup: Network['lookup']): Socket {
  const socket = new Socket();
  const connect = socket.connect.bind(socket);
  socket.connect = () => connect({ host, port, lookup });
  return socket;
}
