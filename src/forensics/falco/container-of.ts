import { type Alert, quoted } from './alert.ts';

/** Which container an alert is about, as the alert says. */
export type Named =
  | { readonly ok: true /** 12 to 64 hexadecimal digits, a beginning of the id. */; readonly id: string; readonly name: string | null }
  /** `contradicts`: it says two things; otherwise it is about no container of Docker. */
  | { readonly ok: false; readonly contradicts: boolean; readonly reason: string };

/**
 * `container.id` is the first 12 characters, or `host`; the other fields are missing while Falco has not yet found out.
 * https://falco.org/docs/reference/rules/supported-fields/
 */
export function containerOf(alert: Pick<Alert, 'fields'>): Named {
  const id = known(alert, 'container.id');
  const full = known(alert, 'container.full_id');
  if (id === 'host') return none('it is about a process of the host, which is never frozen');
  for (const given of [id, full]) {
    if (given !== null && !/^[0-9a-f]{12,64}$/.test(given)) return none(`${quoted(given)} is not the id of a Docker container`);
  }
  const longest = full ?? id;
  if (longest === null) return none('it names no container');
  if (id !== null && !longest.startsWith(id)) {
    return { ok: false, contradicts: true, reason: `its container.id ${id} is not the beginning of its container.full_id ${full}` };
  }
  return { ok: true, id: longest, name: known(alert, 'container.name') };
}

function none(reason: string): Named {
  return { ok: false, contradicts: false, reason };
}

/** Falco writes what it does not know as null, as nothing, or in words. */
function known({ fields }: Pick<Alert, 'fields'>, name: string): string | null {
  const value = fields.get(name) ?? null;
  return value === null || ['', '<NA>', 'N/A'].includes(value) ? null : value;
}
