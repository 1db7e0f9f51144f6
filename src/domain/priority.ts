/** Falco's priorities, the most urgent first (https://falco.org/docs/concepts/rules/basic-elements/#priority). */
export const priorities = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'informational', 'debug'] as const;
export type Priority = (typeof priorities)[number];

/** In any case; `info` and `warn` are the short forms that some senders use. Null: it is none. */
export function parsePriority(text: string): Priority | null {
  const word = text.trim().toLowerCase();
  return priorities.find((name) => name === (short[word] ?? word)) ?? null;
}

export function isAtLeast(priority: Priority, least: Priority): boolean {
  return priorities.indexOf(priority) <= priorities.indexOf(least);
}

const short: Readonly<Partial<Record<string, Priority>>> = { info: 'informational', warn: 'warning' };
