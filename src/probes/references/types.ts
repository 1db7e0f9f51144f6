/** By a probe's id: what benchmarks and catalogues of others call it. */
export type References = Readonly<Record<string, { readonly cis?: string; readonly attack?: readonly string[] }>>;
