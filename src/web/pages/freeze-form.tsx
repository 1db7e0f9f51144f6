/** What a freeze will do, and the form that asks for it: nothing is sent that has not been read on the same page. */
import type { Disposition, ExpiryPolicy, MemoryMode } from '../../domain/evidence.ts';
import { Form, mayAct, Otherwise } from '../parts/form.tsx';
import { onExpiryText } from '../parts/hold.tsx';
import { Text } from '../parts/text.tsx';
import type { TargetProps } from './target.tsx';

const dispositionText: Readonly<Record<Disposition, string>> = {
  keep: 'It stays frozen, connected as it was: whoever asks it waits, and its ports stay taken.',
  resume: 'It runs on as soon as its evidence is on disk.',
  quarantine: 'It stays frozen, and is taken off every network.',
  replace: 'It stays frozen under another name; a fresh one from the same image takes its name, networks, ports and volumes.',
};

const memoryText: Readonly<Record<MemoryMode, string>> = {
  proc: 'every page of every process, from /proc',
  full: 'the same, and a CRIU checkpoint, where the engine can make one',
  off: 'none',
};

/** The ones people choose from; another length is for the command line. */
const leases = ['1h', '4h', '12h', '24h', '3d', '7d'];
const usualLease = '4h';

export function FreezeForm(props: TargetProps) {
  const { row, reader } = props;
  const { view, hold } = row;
  return (
    <section id="freeze" aria-labelledby="freeze-title">
      <h2 id="freeze-title">Freeze it</h2>
      {hold !== null ? (
        <p>
          It is held already. What becomes of it is decided <a href={`/evidence/${hold.evidenceId}`}>with its evidence</a>.
        </p>
      ) : view.protectedBy !== null ? (
        <p>It is never frozen: {view.protectedBy}.</p>
      ) : (
        <>
          <Consequences {...props} />
          <Otherwise permission="freeze" reader={reader} path={`/targets/${view.id}`} />
          {mayAct(reader, 'freeze') && <Fields {...props} />}
        </>
      )}
    </section>
  );
}

function Consequences({ row: { view }, replicas }: TargetProps) {
  const others = replicas.filter(({ hold }) => hold === null).length;
  return (
    <ul class="consequences">
      <li>Every process of it stops dead at one instant. Nothing in it is told, and nothing in it runs on.</li>
      <li>
        Its memory and its disk are captured and signed as evidence, which holds every secret that the container had. That takes seconds to
        minutes.
      </li>
      <li>{serviceText(view.service, others)}</li>
      <li>
        A freeze is an act of a responder, not a drill: no opt-in and no window is asked for, and a halt does not block it.{' '}
        {view.leftOut === null ? 'It has opted in to drills.' : 'It has not opted in to drills.'}
        {view.skipped && ' It asks to be left alone (pitwall.skip).'}
      </li>
    </ul>
  );
}

function serviceText(service: string | null, others: number): string {
  if (service === null) return 'It is of no service: nothing is known that would stand in for it.';
  if (others === 0)
    return 'It is the only container of its service that runs: the service stands still, unless you have it replaced or resumed.';
  return `Its service goes on with ${others === 1 ? 'one other container' : `${others} other containers`}.`;
}

function Fields({ row: { view }, reader }: TargetProps) {
  return (
    <Form action={`/targets/${view.id}/freeze`} permission="freeze" reader={reader} class="stack">
      <input type="hidden" name="engine" value={view.engine} />
      <label>
        Reason, for the record
        <input name="reason" required maxLength={500} autoComplete="off" />
      </label>
      <Choice legend="What becomes of it" name="disposition" of={dispositionText} first="keep" />
      <Choice legend="Memory" name="memory" of={memoryText} first="proc" />
      <label>
        Held for
        <select name="lease">
          {leases.map((lease) => (
            <option value={lease} selected={lease === usualLease}>
              {lease}
            </option>
          ))}
        </select>
      </label>
      <label>
        and then
        <select name="onExpiry">
          {Object.entries(onExpiryText).map(([policy, text]) => (
            <option value={policy} selected={policy === ('notify' satisfies ExpiryPolicy)}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <label>
        <input type="checkbox" name="volumes" value="yes" /> Capture its volumes too
      </label>
      {view.skipped && (
        <label>
          <input type="checkbox" name="force" value="yes" required /> Freeze it although it asks to be left alone
        </label>
      )}
      <button type="submit" class="danger">
        Freeze <Text of={view.name} />
      </button>
    </Form>
  );
}

function Choice<T extends string>({
  legend,
  name,
  of,
  first,
}: {
  readonly legend: string;
  readonly name: string;
  readonly of: Readonly<Record<T, string>>;
  readonly first: NoInfer<T>;
}) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {(Object.entries(of) as [T, string][]).map(([value, text]) => (
        <label>
          <input type="radio" name={name} value={value} checked={value === first} />
          <span>
            <b>{value}</b>: {text}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
