export interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Partial<Record<string, string>>>;
}

/** The elements of a page, read as a browser does: quotes end an attribute, and `<` with a letter begins an element, wherever it stands. */
export function tagsOf(html: string): Tag[] {
  return [...html.matchAll(/<([a-zA-Z][^\s/>]*)((?:"[^"]*"|'[^']*'|[^"'>])*)>/g)].map(([, name = '', rest = '']) => ({
    name: name.toLowerCase(),
    attributes: Object.fromEntries(
      [...rest.matchAll(/([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g)].map(([, key = '', ...values]) => [
        key.toLowerCase(),
        values.find((value) => value !== undefined) ?? '',
      ]),
    ),
  }));
}
