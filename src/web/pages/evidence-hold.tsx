/** The container that is held for a case: how long, and the forms that move it on. */
import type { Hold } from '../../domain/evidence.ts';
import { Confirm, Form, mayAct, Otherwise } from '../parts/form.tsx';
import { HoldState, onExpiryText } from '../parts/hold.tsx';
import { Text } from '../parts/text.tsx';
import { Time } from '../parts/time.tsx';
import type { EvidenceProps } from './evidence.tsx';

const releases = {
  kill: 'Every process gets SIGKILL while it is still frozen, so that nothing of it runs on. It stays there, stopped.',
  resume: 'It runs on from where it stood. If somebody is in it, so do they.',
  quarantine: 'It stays frozen, and is taken off every network.',
  replace: 'It stays frozen under another name; a fresh one from the same image takes its place.',
} as const;

/** Another length is for the command line. */
const leases = ['1h', '4h', '12h', '24h', '3d', '7d', '30d'];

export function HoldSection(props: EvidenceProps) {
  const { detail, now } = props;
  const hold = detail.lease;
  return (
    <section id="hold" aria-labelledby="hold-title">
      <h2 id="hold-title">Its container</h2>
      <ReleaseState {...props} />
      {hold === null ? (
        <p>It was never held frozen.</p>
      ) : hold.state === 'released' ? (
        <Released hold={hold} />
      ) : (
        <Held hold={hold} {...props} now={now} />
      )}
    </section>
  );
}

function Released({ hold }: { readonly hold: Hold }) {
  return (
    <p>
      Released {hold.endedAt !== null && <Time at={hold.endedAt} />}: <Text of={hold.ending ?? 'it is not known how'} />.
    </p>
  );
}

function Held({ hold, detail, reader, now }: EvidenceProps & { readonly hold: Hold }) {
  const { id } = detail.evidence;
  return (
    <>
      <p>
        <HoldState hold={hold} now={now} />: <Text of={hold.containerName} />, since <Time at={hold.since} />. Its lease ends{' '}
        <Time at={hold.deadline} />; then {onExpiryText[hold.onExpiry]}.
        {hold.foreign && ' Somebody else had paused it before, so it is left paused.'}
      </p>
      <Otherwise permission="freeze" reader={reader} path={`/evidence/${id}`} />
      {mayAct(reader, 'freeze') && (
        <>
          <Form action={`/evidence/${id}/lease`} permission="freeze" reader={reader} class="inline" id="lease">
            <label>
              Hold it, from now on, for
              <select name="lease">
                {leases.map((lease) => (
                  <option value={lease} selected={lease === '24h'}>
                    {lease}
                  </option>
                ))}
              </select>
            </label>
            <button type="submit">Set the lease</button>
          </Form>
          <Confirm summary="Release it…" id="release">
            <Form action={`/evidence/${id}/release`} permission="freeze" reader={reader} class="stack">
              <p>Its evidence stays, whatever becomes of it.</p>
              <fieldset>
                <legend>What becomes of it</legend>
                {Object.entries(releases).map(([to, text]) => (
                  <label>
                    <input type="radio" name="to" value={to} required />
                    <span>
                      <b>{to}</b>: {text}
                    </span>
                  </label>
                ))}
              </fieldset>
              <button type="submit" class="danger">
                Release <Text of={hold.containerName} />
              </button>
            </Form>
          </Confirm>
        </>
      )}
    </>
  );
}

/** A replacement has to become healthy first, which nobody waits for with a browser. */
function ReleaseState({ release, now }: EvidenceProps) {
  if (release === null || release.state === 'done') return null;
  if (release.state === 'going')
    return (
      <p role="status">
        It is being released since <Time at={release.since} now={now} />. Load the page again to see what became of it.
      </p>
    );
  return (
    <p class="problem" role="status">
      Its release failed <Time at={release.at} now={now} />: <Text of={release.message} />
    </p>
  );
}
