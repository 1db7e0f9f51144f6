/**
 * What an answer that says nothing of a credential was, with what such a code most often means: `429: too many requests, so the attacker is held off`. Who
 * limits logins locks the attackers out too, and that is to be told from a refusal. `code`: as in `Sample`.
 */
export function silence(code: string | null | undefined): string {
  if (code === null || code === undefined) return 'none';
  const meaning = meanings.get(code);
  return meaning === undefined ? code : `${code}: ${meaning}`;
}

const heldOff = 'so the attacker is held off';

const meanings: ReadonlyMap<string, string> = new Map([
  ['timeout', 'none came in time, as where refused logins are held back'],
  ['423', `locked, ${heldOff}`],
  ['429', `too many requests, ${heldOff}`],
  ['503', 'the service is not there, or limits requests'],
  ['53300', `too many clients, ${heldOff}`],
  ['max-clients', `too many clients, ${heldOff}`],
  ['pooler-login', 'the pooler cannot log in to its own server, as one that has the old password cached'],
  ['prober-ended', 'the helper that tried it has ended'],
]);
