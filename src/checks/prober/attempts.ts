import { hungUp, unknown } from '../login/codes.ts';
import { connectTo } from '../login/connect.ts';
import type { Connection, Network, Verdict } from '../login/connection.ts';
import type { CommandAnswer } from './contract.ts';
import type { Attempt, Request } from './lines.ts';

type Lookup = Pick<Network, 'lookup'>;

/** Logs in anew, asks, and leaves. */
export async function logIn({ door, secret, timeoutMs }: Omit<Attempt, 'id' | 'mode'>, { lookup }: Lookup): Promise<Verdict> {
  const connection = connectTo(door, secret, { lookup, keep: false });
  const verdict = await within(timeoutMs, opened(connection));
  if (verdict === null) connection.destroy();
  else connection.leave();
  return verdict === null ? unknown('timeout') : atLogin(verdict);
}

export interface Session {
  ask(): Promise<Verdict>;
  /** It will never answer anything else than what it said last. */
  over(): boolean;
  leave(): void;
}

/** One connection that goes on asking. What is asked while an answer is still owed waits for that one first. */
export function openSession({ door, secret, timeoutMs }: Omit<Attempt, 'id' | 'mode'>, { lookup }: Lookup): Session {
  const connection = connectTo(door, secret, { lookup, keep: true });
  let open = false;
  let failed: Verdict | null = null;
  let owed: Promise<Verdict> | null = connection.login().then((verdict) => {
    open = verdict.answer === 'accepted';
    if (!open) failed = atLogin(verdict);
    return verdict;
  });
  const over = () => failed ?? (open ? connection.over() : null);
  let said: Verdict | null = null;

  return {
    async ask() {
      const verdict = await within(timeoutMs, asked());
      said = verdict ?? over() ?? unknown('timeout');
      return said;
    },
    // its end may come right behind an answer, and must be told too
    over() {
      const end = over();
      return end !== null && end.answer === said?.answer && end.code === said.code;
    },
    leave() {
      if (owed === null) connection.leave();
      else connection.destroy();
    },
  };

  async function asked(): Promise<Verdict> {
    if (owed !== null) await owed;
    const end = over();
    if (end !== null) return end;
    const answer = connection.ask();
    owed = answer;
    const verdict = await answer;
    if (owed === answer) owed = null;
    return verdict;
  }
}

/** All over one connection; stops at the first that fails. */
export async function carryOut(request: Extract<Request, { do: 'command' }>, { lookup }: Lookup): Promise<CommandAnswer[]> {
  const { door, secret, commands, timeoutMs } = request;
  const connection = connectTo(door, secret, { lookup, keep: true });
  const done: CommandAnswer[] = [];
  const work = async (): Promise<true> => {
    const { answer, code } = atLogin(await connection.login());
    if (answer !== 'accepted') done.push({ ok: false, answer, code: code ?? hungUp });
    for (const command of answer === 'accepted' ? commands : []) {
      const answer = (await connection.command?.(command)) ?? { ok: false, answer: 'unknown', code: 'no-commands' };
      done.push(answer);
      if (!answer.ok) break;
    }
    return true;
  };
  if ((await within(timeoutMs, work())) === null) {
    connection.destroy();
    // a copy: what comes of it after all is no answer any more
    return [...done, { ok: false, answer: 'unknown', code: 'timeout' }];
  }
  connection.leave();
  return done;
}

async function opened(connection: Connection): Promise<Verdict> {
  const verdict = await connection.login();
  return verdict.answer === 'accepted' ? connection.ask() : verdict;
}

/** Nothing that had been open was closed. */
function atLogin(verdict: Verdict): Verdict {
  return verdict.answer === 'closed' ? { ...verdict, answer: 'unknown' } : verdict;
}

/** Null when it takes longer. */
function within<T>(ms: number, work: Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    // after a time in which this process stood still, an answer that is there is read before it is called late
    const alarm = setTimeout(() => setImmediate(() => resolve(null)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(alarm));
  });
}
