import { Text } from './text.tsx';

const most = 300;

/** Text that is not ours and may be of any length: its beginning, and how much more there is. */
export function Long({ of }: { readonly of: string }) {
  if (of.length <= most) return <Text of={of} />;
  return (
    <>
      <Text of={of.slice(0, most)} />
      <span class="quiet">… and {(of.length - most).toLocaleString('en-US')} more characters</span>
    </>
  );
}
