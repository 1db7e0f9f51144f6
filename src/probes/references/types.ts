export type References = Readonly<Record<string, { readonly cis?: string; readonly attack?: readonly string[] }>>;
