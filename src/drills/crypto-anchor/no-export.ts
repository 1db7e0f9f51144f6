import type { ExecResult } from '../../domain/engine/streams.ts';
import type { Target } from '../../domain/target.ts';
import { type Answer, answer } from './answers.ts';
import type { Context } from './context.ts';
import { type Searched, searchForKeys } from './key-search.ts';
import { keysIn } from './key-shapes.ts';
import { type Home, type Ran, runIn } from './operate.ts';
import { runningAt } from './place.ts';

/** One way to ask for the key, and what came of it. */
export interface Tried {
  readonly ran: Ran;
  /** A private key was in its output. */
  readonly gaveKey: boolean;
  /** Its output held what a refusal holds; null when nobody said what that is. */
  readonly saidSo: boolean | null;
}

/** CA-5: whoever asks for the key is refused, and it lies nowhere that the target has. */
export async function noExport(target: Target, home: Home, context: Context): Promise<Answer> {
  const { params, engine } = context;
  const searched = await searchForKeys(target, context);
  if (params.export === undefined) return judgeExport(null, [], searched);
  const { commands, control, in: place, refusal } = params.export;
  const id = place === undefined ? target.id : ((await runningAt(engine, place, target, 'params.export.in'))[0]?.id ?? target.id);
  const timeoutMs = params.operate.timeout;
  const tried: Tried[] = [];
  for (const command of commands) {
    let gaveKey = false;
    let saidSo: boolean | null = null;
    const look = ({ stdout, stderr }: ExecResult) => {
      gaveKey = [stdout, stderr].some((text) =>
        keysIn(Buffer.from(text), params.key?.fingerprint ?? null).some(({ isTheKey }) => isTheKey !== false),
      );
      saidSo = refusal === undefined ? null : `${stdout}\n${stderr}`.includes(refusal);
    };
    const ran = await runIn(id, command, context, { timeoutMs, look });
    tried.push({ ran, gaveKey, saidSo });
  }
  // afterwards: what was refused was refused by an anchor that is there
  const works = control === undefined ? (await home.read()) > 0 : (await runIn(id, control, context, { timeoutMs })).exitCode === 0;
  return judgeExport(works, tried, searched);
}

/** `works`: the control, null when nothing was tried. */
export function judgeExport(works: boolean | null, tried: readonly Tried[], { found, left, files }: Searched): Answer {
  const where = `${files} files of its image, layer and volumes, its environment and its image’s history were searched; not ${left.join(', ')}`;
  const keys = found.filter(({ isTheKey }) => isTheKey === true);
  if (keys.length > 0) return answer('broken', `the key is in ${placesOf(keys)}`, where);
  const given = tried.findIndex(({ ran, gaveKey }) => gaveKey || ran.exitCode === 0);
  if (given >= 0) {
    const { ran, gaveKey } = tried[given] as Tried;
    return answer(
      'broken',
      `export.commands[${given}] was not refused: ${gaveKey ? 'a private key was in its output' : `exit code ${ran.exitCode}`}`,
    );
  }
  const suspects = found.filter(({ isTheKey }) => isTheKey === null);
  if (suspects.length > 0)
    return answer(
      'inconclusive',
      `there is ${suspects[0]?.what} in ${placesOf(suspects)}: params.key.fingerprint tells whether it is the anchor’s`,
      where,
    );
  if (works === null)
    return answer('inconclusive', 'no-export needs params.export, which the drill file does not give: nobody asked for the key', where);
  const vain = tried.findIndex(({ ran, saidSo }) => !ran.began || ran.exitCode === null || saidSo === false);
  if (vain >= 0) {
    const { ran, saidSo } = tried[vain] as Tried;
    return answer(
      'inconclusive',
      `export.commands[${vain}] was not refused, it failed: ${saidSo === false ? 'its output has not what a refusal holds' : ran.words}`,
    );
  }
  if (!works) return answer('inconclusive', 'the control failed: what is allowed was refused too');
  return answer('holds', `${tried.length} ways to ask for the key were refused, while what is allowed worked`, where);
}

function placesOf(found: Searched['found']): string {
  const places = [...new Set(found.map(({ place }) => place))];
  return `${places.slice(0, 3).join(', ')}${places.length > 3 ? ` and ${places.length - 3} more places` : ''}`;
}
