/** What `pitwall show` draws of a rotation: who let which password in, from the leak on. Nothing for a drill of another kind. */
export async function curveOf(pitwall, record) {
  if (record?.kind !== 'secret-rotation') return [];
  const shown = await pitwall.text(['show', record.id]);
  const from = shown.findIndex((line) => line.startsWith('plan '));
  return from < 0 ? [] : shown.slice(from);
}
