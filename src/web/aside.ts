/** Work that was asked for on a page and is done beside it. Instants are UTC ms. */
export type Aside<T> =
  | { readonly state: 'going'; readonly since: number }
  | { readonly state: 'done'; readonly since: number; readonly at: number; readonly value: T }
  | { readonly state: 'failed'; readonly since: number; readonly at: number; readonly message: string };
