import { connect, type Socket } from 'node:net';
import { AbstractConnector, Redis } from 'ioredis';
import type { Command, CommandAnswer, Door } from '../prober/contract.ts';
import { hungUp } from './codes.ts';
import { accepted, type Connection, type Network, type Verdict } from './connection.ts';
import { loginVerdict, sessionVerdict } from './redis-verdict.ts';

/** How long it may take until a connection that was let go of is closed. */
const leaveMs = 1_000;

export function redis(door: Extract<Door, { protocol: 'redis' }>, secret: string, { lookup }: Network): Connection {
  const { host, port, user } = door;
  let socket: Socket | undefined;
  const client = new Redis({
    Connector: connector(() => {
      socket = connect({ host, port, lookup });
      return socket;
    }),
    ...(user === null ? {} : { username: user }),
    password: secret,
    ...once,
  });
  let open = false;
  let end: Verdict | null = null;
  let word: unknown = null;
  // the reason comes as an event, before the end
  client.on('error', (error: unknown) => {
    word ??= error;
  });
  client.on('end', () => {
    const error = word ?? new Error('Connection is closed.');
    end ??= open ? sessionVerdict(error) : loginVerdict(error);
  });

  return {
    async login() {
      try {
        await client.connect();
        open = true;
        return end ?? accepted;
      } catch (error) {
        return loginVerdict(word ?? error);
      }
    },
    async ask() {
      if (end !== null) return end;
      try {
        await client.ping();
        return accepted;
      } catch (error) {
        return sessionVerdict(error);
      }
    },
    async command({ text, values = [] }: Command): Promise<CommandAnswer> {
      try {
        return { ok: true, rows: [{ reply: await client.call(text, ...values) }] };
      } catch (error) {
        const { answer, code } = sessionVerdict(error);
        return { ok: false, answer: answer === 'closed' ? 'closed' : 'unknown', code: code ?? hungUp };
      }
    },
    over: () => end,
    leave: () => client.disconnect(),
    destroy() {
      socket?.resetAndDestroy();
      client.disconnect();
    },
  };
}

/** Nothing is tried again, kept for later or sent that nobody asked for. */
const once = {
  lazyConnect: true,
  retryStrategy: () => null,
  reconnectOnError: null,
  maxRetriesPerRequest: 0,
  enableOfflineQueue: false,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  // its INFO is not everyone's to ask
  enableReadyCheck: false,
  disableClientInfo: true,
  protocol: 2,
  connectTimeout: 0,
} as const;

/** ioredis's own would look names up with no limit of how many at once. */
function connector(open: () => Socket): new () => AbstractConnector {
  return class extends AbstractConnector {
    constructor() {
      super(leaveMs);
    }

    override connect(): Promise<Socket> {
      this.connecting = true;
      const socket = open();
      this.stream = socket;
      return Promise.resolve(socket);
    }
  };
}
