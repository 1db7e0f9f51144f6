import { format } from 'node:util';
import pino, { type DestinationStream, type Logger } from 'pino';
import { escapedJson } from '../../domain/inert.ts';
import { redact, redactText } from '../../domain/redact.ts';

/**
 * The log of `serve`: a line of JSON an event, UTC. What looks like a secret is taken out of every value and message, whoever wrote it, and
 * what a terminal would obey is written as an escape.
 */
export function serveLog(destination: DestinationStream = pino.destination({ dest: 1, sync: true })): Logger {
  const log = pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { log: (values) => redact(values) as Record<string, unknown> },
      // `redact` has said of an error what there is to say
      serializers: { err: (error: unknown) => error },
      hooks: {
        logMethod(args, method) {
          const at = args.findIndex((arg) => typeof arg === 'string');
          // put together before it is looked at: a secret may come in two parts
          const message = at < 0 ? ownMessage(args[0]) : format(...args.slice(at));
          const values = at < 0 ? args : args.slice(0, at);
          method.apply(this, [...values, ...(message === null ? [] : [redactText(message)])] as unknown as typeof args);
        },
      },
    },
    { write: (line) => destination.write(escapedJson(line)) },
  );
  const { child } = log;
  // pino looks at what a child brings only by its own paths; children inherit this one
  log.child = function (this: Logger, bindings, options) {
    return child.call(this, redact(bindings) as pino.Bindings, options);
  } as Logger['child'];
  return log;
}

/** Where there is none pino takes the error's, and as it is. */
function ownMessage(value: unknown): string | null {
  if (value instanceof Error) return value.message;
  return typeof value === 'object' && value !== null && 'err' in value && value.err instanceof Error ? value.err.message : null;
}
