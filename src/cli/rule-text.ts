import { catalogue } from '../probes/catalogue.ts';
import type { RuleText } from '../report/pipeline/sarif.ts';

/** What the catalogue says of a probe; null for one that is no probe of it. */
export function ruleText(id: string): RuleText | null {
  // `PRV-04:claim`: where API and kernel do not say the same of it
  const [base, claim] = id.split(':');
  const probe = catalogue.find((one) => one.id === base);
  if (probe === undefined) return null;
  return {
    title: claim === undefined ? probe.title : `API and kernel agree: ${probe.title}`,
    description: `${probe.attempt} ${probe.reading}`,
    help: `${probe.attempt}\n\nHow it is read: ${probe.reading}\n\nWhat shows that it could have worked: ${probe.control}\n\nMore: pitwall probes ${probe.id}`,
    tags: [probe.group, 'container'],
  };
}
