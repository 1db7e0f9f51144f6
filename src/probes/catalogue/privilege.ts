import { broken, holds, inconclusive, type Probe } from '../probe.ts';
import { byErrno, fromStep } from '../read.ts';
import { defaultCapabilities, unexpected } from './capabilities.ts';

export const privilege: readonly Probe[] = [
  {
    id: 'PRV-01',
    group: 'privilege',
    title: 'Effective capabilities are within what is allowed',
    attempt: 'Reads CapEff of /proc/self/status in the dummy, and of the original’s first process.',
    severity: 'high',
    safety: 'read-only',
    reading: 'Any bit beyond Docker’s default set, or beyond `allow.capabilities`, is broken.',
    control: 'The line CapEff could be read.',
    steps: () => [{ name: 'capeff', run: "$B grep '^CapEff:' /proc/self/status" }],
    judge: (facts) => {
      // a privileged target has no dummy: its own first process says it as well
      const seen = facts.seen?.status.CapEff;
      const judged = (mask: string) => {
        const extra = unexpected(mask, facts.allow.capabilities ?? defaultCapabilities);
        return extra.length === 0 ? holds(`CapEff is ${mask}`) : broken(`beyond what is allowed it has ${extra.join(', ')}`);
      };
      if (facts.unattempted !== null && seen !== undefined) return judged(seen);
      return fromStep(facts, 'capeff', ({ output }) => {
        const mask = /CapEff:\s*([0-9a-f]{16})/.exec(output)?.[1];
        return mask === undefined ? inconclusive('CapEff could not be read') : judged(mask);
      });
    },
    weakness: { in: 'open' },
  },
  {
    id: 'PRV-04',
    group: 'privilege',
    title: 'Seccomp really filters',
    attempt: 'Asks for a user namespace, which Docker’s filter refuses, and reads Seccomp of /proc/self/status.',
    severity: 'high',
    safety: 'dummy-only',
    reading: 'A namespace is broken; EPERM with Seccomp 2 holds; EPERM with Seccomp 0 is inconclusive: something else refused.',
    control: 'The same program runs when no namespace is asked for.',
    steps: () => [
      { name: 'control', run: '$B unshare $B true' },
      { name: 'unshare', run: '$B unshare -U -r $B true' },
      { name: 'status', run: "$B grep '^Seccomp:' /proc/self/status" },
    ],
    judge: (facts) =>
      fromStep(facts, 'unshare', (result) => {
        const answer = byErrno(result, { broken: 'a user namespace could be made', holds: 'a user namespace is refused' });
        const filters = /Seccomp:\s*2/.test(facts.step('status')?.output ?? '');
        const claimed = JSON.stringify(facts.inspect.HostConfig.SecurityOpt ?? []).includes('seccomp=unconfined') === false;
        if (answer.state === 'holds' && !filters)
          return inconclusive('a user namespace is refused, but not by seccomp: no filter is in force');
        if (answer.state === 'broken' && claimed && !filters)
          return { ...answer, disagreement: 'the API says that seccomp filters, and the kernel has no filter for the process' };
        return answer;
      }),
    weakness: { in: 'open' },
  },
];
