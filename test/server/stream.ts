/** A reader of server-sent events as small as the tests need. */
export interface Message {
  readonly event: string;
  readonly id: string | null;
  readonly data: unknown;
}

export interface Stream {
  readonly status: number;
  readonly headers: Headers;
  /** The next message; null at the stream's end. */
  next(): Promise<Message | null>;
  all(): Promise<Message[]>;
  cancel(): Promise<void>;
}

export async function openStream(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Stream> {
  const response = await fetch(url, { headers: { accept: 'text/event-stream', ...headers } });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  const next = async (): Promise<Message | null> => {
    for (;;) {
      const end = buffer.indexOf('\n\n');
      if (end >= 0) {
        const message = parse(buffer.slice(0, end));
        buffer = buffer.slice(end + 2);
        if (message !== null) return message;
        continue;
      }
      const chunk = await reader?.read();
      if (chunk === undefined || chunk.done) return null;
      buffer += chunk.value;
    }
  };
  return {
    status: response.status,
    headers: response.headers,
    next,
    async all() {
      const messages: Message[] = [];
      for (let message = await next(); message !== null; message = await next()) messages.push(message);
      return messages;
    },
    cancel: async () => reader?.cancel(),
  };
}

/** Null for what is only a comment or a setting. */
function parse(block: string): Message | null {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart()]),
  );
  const data = fields.get('data');
  return data === undefined ? null : { event: fields.get('event') ?? 'message', id: fields.get('id') ?? null, data: JSON.parse(data) };
}
