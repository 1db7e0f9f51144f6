import pino, { type DestinationStream, type Logger } from 'pino';
import { redact, redactText } from '../domain/redact.ts';

/**
 * The log of `serve`: a line of JSON an event, UTC. What looks like a secret is taken out of every value and message, whoever wrote it, and
 * what a terminal would obey is written as an escape.
 */
export function serveLog(destination: DestinationStream = pino.destination({ dest: 1, sync: true })): Logger {
  return pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { log: (values) => redact(values) as Record<string, unknown> },
      // `redact` has said of an error what there is to say
      serializers: { err: (error: unknown) => error },
      hooks: {
        logMethod(args, method) {
          method.apply(this, args.map((arg) => (typeof arg === 'string' ? redactText(arg) : arg)) as typeof args);
        },
      },
    },
    { write: (line) => destination.write(escaped(line)) },
  );
}

/** JSON escapes most control characters; of these it lets a terminal see the bytes. They stand in texts only, so the line stays JSON. */
function escaped(line: string): string {
  return line.replace(
    /[\u007f-\u009f\u2028\u2029]|\p{Bidi_Control}/gu,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
