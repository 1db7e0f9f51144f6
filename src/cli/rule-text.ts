import { catalogue } from '../probes/catalogue.ts';
import type { RuleText } from '../report/sarif.ts';

/** What the catalogue says of a probe; null for one that is no probe of it. */
export function ruleText(id: string): RuleText | null {
  const probe = catalogue.find((one) => one.id === id);
  if (probe === undefined) return null;
  return {
    title: probe.title,
    description: `${probe.attempt} ${probe.reading}`,
    help: `${probe.attempt}\n\nHow it is read: ${probe.reading}\n\nWhat shows that it could have worked: ${probe.control}\n\nMore: pitwall probes ${id}`,
    tags: [probe.group, 'container'],
  };
}
