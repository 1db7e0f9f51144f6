export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Reads as strictly as XML 1.0 asks: elements, attributes, text and references; no comments, no CDATA, no document type. Throws where it is not well-formed. */
export function readXml(xml: string): Element {
  const head = /^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/.exec(xml);
  if (head === null) throw new Error('no XML declaration');
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(xml)) throw new Error('a character that XML has no place for');
  const end = { at: head[0].length };
  const root = element(xml, end);
  if (xml.slice(end.at).trim() !== '') throw new Error('something after the root');
  return root;
}

function element(xml: string, pos: { at: number }): Element {
  const open = /^<([A-Za-z][\w.-]*)((?:\s+[A-Za-z][\w.:-]*="[^"<]*")*)\s*(\/?)>/.exec(xml.slice(pos.at));
  if (open === null) throw new Error(`no element at ${xml.slice(pos.at, pos.at + 80)}`);
  pos.at += open[0].length;
  const [, name = '', inside = '', empty] = open;
  const attributes: Record<string, string> = {};
  for (const [, key = '', value = ''] of inside.matchAll(/([A-Za-z][\w.:-]*)="([^"<]*)"/g)) {
    if (Object.hasOwn(attributes, key)) throw new Error(`${name} has ${key} twice`);
    attributes[key] = decoded(value);
  }
  if (empty === '/') return { name, attributes, children: [], text: '' };
  const children: Element[] = [];
  let text = '';
  for (;;) {
    const next = xml.indexOf('<', pos.at);
    if (next < 0) throw new Error(`${name} is not closed`);
    const between = xml.slice(pos.at, next);
    if (between.includes(']]>')) throw new Error('the end of a CDATA section in text');
    text += decoded(between);
    pos.at = next;
    if (xml.startsWith('</', next)) {
      const close = `</${name}>`;
      if (!xml.startsWith(close, next)) throw new Error(`${name} is closed by ${xml.slice(next, next + 40)}`);
      pos.at += close.length;
      return { name, attributes, children, text };
    }
    children.push(element(xml, pos));
  }
}

function decoded(text: string): string {
  const bare = /&(?!(?:amp|lt|gt|quot|apos|#\d+);)/.exec(text);
  if (bare !== null) throw new Error(`a bare & in ${text.slice(0, 60)}`);
  return text.replace(/&(?:#(\d+)|(\w+));/g, (_all, code: string | undefined, name: string) =>
    code === undefined ? (entities[name] as string) : String.fromCharCode(Number(code)),
  );
}
