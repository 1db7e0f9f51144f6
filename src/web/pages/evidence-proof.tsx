/** What proves a case: its seal, its coverage, and every hash computed again. */
import { formatDuration } from '../../domain/duration.ts';
import type { CoverageItem, Seal, SealReading } from '../../domain/evidence.ts';
import { formatSize } from '../../domain/size.ts';
import type { CaseVerification } from '../../forensics/service.ts';
import { Form, mayAct } from '../parts/form.tsx';
import { Long } from '../parts/long.tsx';
import { Mark, type Tone } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { shareText } from '../parts/value.tsx';
import type { EvidenceProps } from './evidence.tsx';
import { SealMark } from './evidence-list.tsx';

const mostProblems = 100;

export function Verification({ detail: { evidence }, verification, reader, now }: EvidenceProps) {
  const { id, state } = evidence;
  return (
    <section id="verify" aria-labelledby="verify-title">
      <h2 id="verify-title">Verify and take away</h2>
      {verification === null ? (
        <p class="quiet">Not verified from here since the server was started.</p>
      ) : verification.state === 'going' ? (
        <p role="status">
          <Mark tone="live" word="being verified" /> since <Time at={verification.since} now={now} />: every byte is read. Load the page
          again to see the result.
        </p>
      ) : verification.state === 'failed' ? (
        <p class="problem" role="status">
          Could not be verified, <Time at={verification.at} now={now} />: <Long of={verification.message} />
        </p>
      ) : (
        <Verified result={verification.value} at={verification.at} now={now} />
      )}
      {mayAct(reader, 'read-evidence') ? (
        <div class="acts">
          {state !== 'capturing' && state !== 'pruned' && (
            <>
              <Act id={id} name="verify" label="Verify every byte" reader={reader} />
              <Act id={id} name="download" label="Download all of it (tar)" reader={reader} />
              <Act id={id} name="manifest" label="Manifest (JSON)" reader={reader} />
            </>
          )}
          <Act id={id} name="detail" label="This page’s lists, whole (JSON)" reader={reader} />
        </div>
      ) : (
        <p>
          With a token: <code>GET /api/v1/evidence/{id}/verify</code>, <code>/download</code>, <code>/manifest</code>.
        </p>
      )}
      <p class="quiet">Each is in the audit log. What is downloaded holds every secret that the container had.</p>
    </section>
  );
}

function Act({
  id,
  name,
  label,
  reader,
}: {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly reader: EvidenceProps['reader'];
}) {
  return (
    <Form action={`/evidence/${id}/${name}`} permission="read-evidence" reader={reader} class="inline">
      <button type="submit">{label}</button>
    </Form>
  );
}

function Verified({ result, at, now }: { readonly result: CaseVerification; readonly at: number; readonly now: number }) {
  const { ok, checked, signedBy, problems, notes } = result;
  return (
    <>
      <p role="status">
        {ok ? <Mark tone="good" word="verified" /> : <Mark tone="bad" word="not verified" />} <Time at={at} now={now} />: {checked} files
        checked
        {signedBy !== null && (
          <>
            , signed by key <span class="mono">{signedBy.slice(0, 16)}…</span>
          </>
        )}
        {!ok && `; ${problems.length} are not as they were signed`}.
      </p>
      {problems.length > 0 && (
        <Table
          caption="What is not as it was signed"
          head={['File', 'Problem']}
          rows={problems.slice(0, mostProblems).map(({ path, problem }) => ({ cells: [<Long of={path} />, <Long of={problem} />] }))}
        />
      )}
      {problems.length > mostProblems && <p class="quiet">and {problems.length - mostProblems} more</p>}
      {notes.map((note) => (
        <p>
          <Long of={note} />
        </p>
      ))}
    </>
  );
}

export function SealSection({ detail: { seal } }: EvidenceProps) {
  return (
    <section aria-labelledby="seal-title">
      <h2 id="seal-title">Seal: proof that nothing ran meanwhile</h2>
      {seal === null ? <p class="quiet">There is none yet.</p> : <SealReadings seal={seal} />}
    </section>
  );
}

function SealReadings({ seal }: { readonly seal: Seal }) {
  const { state, reasons, start, end, events } = seal;
  return (
    <>
      <p>
        <SealMark state={state} />
        {reasons.length > 0 && (
          <>
            : <Long of={reasons.join('; ')} />
          </>
        )}
      </p>
      <Table
        caption="What was read at both ends of the hold"
        head={['', 'At the start', 'At the end']}
        rows={readings.map(([name, show]) => ({ cells: [name, show(start), show(end)] }))}
      />
      {events.length > 0 && (
        <p>
          The engine’s events: <Long of={events.map(({ at, action }) => `${at} ${action}`).join(', ')} />
        </p>
      )}
    </>
  );
}

const unread = <span class="quiet">not read</span>;

const readings = [
  ['Read', (one: SealReading | null) => (one === null ? unread : <Time at={one.at} />)],
  ['Paused, says the engine', (one: SealReading | null) => (one === null ? unread : one.paused ? 'yes' : 'no')],
  ['Freezer, says the kernel', (one: SealReading | null) => one?.freezer ?? unread],
  ['CPU time used', (one: SealReading | null) => (one?.cpuNs == null ? unread : <span class="num">{one.cpuNs} ns</span>)],
  [
    'Layer, SHA-256',
    (one: SealReading | null) => (one?.layer == null ? unread : <span class="mono">{one.layer.sha256.slice(0, 16)}…</span>),
  ],
] as const;

const coverageTones: Readonly<Record<CoverageItem['state'], Tone>> = {
  captured: 'good',
  partial: 'unsure',
  missing: 'bad',
  absent: 'quiet',
  'not-asked': 'quiet',
};

export function Coverage({ detail: { coverage, evidence } }: EvidenceProps) {
  return (
    <section aria-labelledby="coverage-title">
      <h2 id="coverage-title">What was captured</h2>
      {coverage.length === 0 ? (
        <p class="quiet">Nothing is known of it{evidence.state === 'capturing' ? ' yet' : ''}.</p>
      ) : (
        <Table
          caption="Steps of the capture"
          head={['Step', 'Captured', { label: 'Size', numeric: true }, { label: 'Took', numeric: true }, 'Why not whole']}
          rows={coverage.map(({ step, state, share, bytes, ms, reason }) => ({
            cells: [
              step,
              <Mark tone={coverageTones[state]} word={state === 'partial' ? `partial, ${shareText(share)}` : state.replace('-', ' ')} />,
              formatSize(bytes),
              formatDuration(ms),
              reason === null ? '' : <Long of={reason} />,
            ],
          }))}
        />
      )}
    </section>
  );
}
