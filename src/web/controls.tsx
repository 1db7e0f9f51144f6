/** What is in reach on every page: whether runs go on or are halted, halt and unhalt, and who is logged in. */
import type { Frame } from './frame.ts';
import { Form, mayAct } from './parts/form.tsx';
import { Mark, State } from './parts/state.tsx';
import { Text } from './parts/text.tsx';
import { Time } from './parts/time.tsx';

export function Controls({ frame, readable }: { readonly frame: Frame; readonly readable: boolean }) {
  return (
    <div class="controls" id="controls">
      {readable && <Situation frame={frame} />}
      {readable && <HaltOrUnhalt frame={frame} />}
      <Who frame={frame} />
    </div>
  );
}

function Situation({ frame: { halt, running, now } }: { readonly frame: Frame }) {
  return (
    <>
      {halt === null ? (
        <Mark tone="good" word="drills may run" />
      ) : (
        <span class="halted">
          <State is="halted" word="HALTED" /> <Time at={halt.at} now={now} /> by <Text of={halt.by} />: <Text of={halt.reason} />
        </span>
      )}
      <a href="/runs?verdict=running">
        {running === 0 ? <span class="quiet">nothing runs</span> : <Mark tone="live" word={`${running} running`} />}
      </a>
    </>
  );
}

function HaltOrUnhalt({ frame: { halt, reader, path } }: { readonly frame: Frame }) {
  if (halt !== null) {
    return (
      <Form action="/unhalt" permission="run" reader={reader} class="inline">
        <input type="hidden" name="back" value={path} />
        <button type="submit">Unhalt</button>
      </Form>
    );
  }
  if (!mayAct(reader, 'halt')) return null;
  return (
    <details class="halt" id="halt">
      <summary>HALT</summary>
      <Form action="/halt" permission="halt" reader={reader} class="popup">
        <p>Every run is aborted and what it did is put back. No new run starts until somebody lifts the halt.</p>
        <input type="hidden" name="back" value={path} />
        <label>
          Reason <input name="reason" maxLength={500} autoComplete="off" />
        </label>
        <button type="submit" class="danger">
          Halt all runs
        </button>
      </Form>
    </details>
  );
}

function Who({ frame: { reader, path } }: { readonly frame: Frame }) {
  if (reader?.csrf == null) {
    return path === '/login' ? null : (
      <span>
        {reader !== null && <Text of={reader.name} />}{' '}
        <a href={path === '/' ? '/login' : `/login?next=${encodeURIComponent(path)}`}>Log in</a>
      </span>
    );
  }
  return (
    <form method="post" action="/logout" class="inline">
      <input type="hidden" name="csrf" value={reader.csrf} />
      <span>
        <Text of={reader.name} /> <span class="quiet">{reader.role}</span>
      </span>{' '}
      <button type="submit" class="plain">
        Log out
      </button>
    </form>
  );
}
