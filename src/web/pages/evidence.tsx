/** One case: what was captured, what proves it, who handled it, and what becomes of its container. */

import { formatSize } from '../../domain/size.ts';
import type { CaseDetail, CaseVerification } from '../../forensics/service.ts';
import type { Aside } from '../aside.ts';
import type { Reader } from '../frame.ts';
import { Facts } from '../parts/facts.tsx';
import { Long } from '../parts/long.tsx';
import { Mark } from '../parts/state.tsx';
import { Text } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';
import { Contents } from './evidence-contents.tsx';
import { HoldSection } from './evidence-hold.tsx';
import { CaseState, SealMark } from './evidence-list.tsx';
import { Coverage, SealSection, Verification } from './evidence-proof.tsx';

export interface EvidenceProps {
  readonly detail: CaseDetail;
  /** The last that was asked for here; null when none was. */
  readonly verification: Aside<CaseVerification> | null;
  readonly release: Aside<{ readonly outcome: string }> | null;
  readonly reader: Reader | null;
  readonly now: number;
}

export function EvidencePage(props: EvidenceProps) {
  const { detail, now } = props;
  const { evidence, alert, images } = detail;
  const { container } = evidence;
  return (
    // Reading it is in the audit log, each time: it is not read again by itself.
    <div class="evidence" data-live="off">
      <h1>
        Evidence of <Text of={container.name} />
      </h1>
      <Facts
        of={[
          ['Case', <span class="mono">{evidence.id}</span>],
          [
            'Taken',
            <>
              <Time at={evidence.requestedAt} />, {evidence.trigger} by <Text of={evidence.actor} /> (
              <a href={`/runs/${evidence.runId}`}>run</a>)
            </>,
          ],
          ['Reason', evidence.reason === null ? <span class="quiet">none given</span> : <Long of={evidence.reason} />],
          ...(alert === null
            ? []
            : ([
                [
                  'Alert',
                  <>
                    <Long of={alert.rule} />; the process: <Long of={alert.processFound} />
                  </>,
                ],
              ] as const)),
          ['State', <CaseState of={evidence} />],
          ['Seal', <SealMark state={evidence.seal} />],
          ['Size', formatSize(evidence.bytes)],
          [
            'Container',
            <>
              <span class="mono">{container.id.slice(0, 12)}</span> on <Text of={evidence.engine} />
              {container.service !== null && (
                <>
                  , of service <Text of={container.service} />
                </>
              )}
            </>,
          ],
          ['Image', <Text of={container.image} />],
          ['Registry', <Registry {...props} />],
          ...images.map(
            ({ name, reference, digest }) =>
              [
                `Image: ${name}`,
                <span class="digest">
                  <Long of={`${reference ?? ''} ${digest}`.trim()} />
                </span>,
              ] as const,
          ),
          ...(evidence.prunedAt === null ? [] : ([['Pruned', <Time at={evidence.prunedAt} now={now} />]] as const)),
        ]}
      />
      <HoldSection {...props} />
      <Verification {...props} />
      <SealSection {...props} />
      <Coverage {...props} />
      <Contents {...props} />
    </div>
  );
}

function Registry({ detail: { evidence } }: EvidenceProps) {
  const { state, reference, note } = evidence.push;
  if (state === 'none') return <>kept here alone</>;
  if (state === 'pushed') return <Text of={reference ?? 'pushed'} />;
  return (
    <>
      <Mark tone="unsure" word="waits for the registry" />
      {note !== null && (
        <>
          : <Long of={note} />
        </>
      )}
    </>
  );
}
