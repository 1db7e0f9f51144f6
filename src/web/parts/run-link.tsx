/** A run by the end of its id, which is what differs between runs of one hour. */
export function RunLink({ id }: { readonly id: string }) {
  return (
    <a class="mono" href={`/runs/${id}`} title={id}>
      …{id.slice(-6)}
    </a>
  );
}
