/** Attributes and text of an XML 1.0 document, from what anybody may have written. */

/** All that XML 1.0 has no place for, not even escaped: most control characters, half of a surrogate pair, U+FFFE and U+FFFF. */
const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** For an element's content. A carriage return would be read as a line feed. */
export function xmlText(text: string): string {
  return legal(text)
    .replace(/[&<>]/g, (found) => escapes[found] as string)
    .replace(/\r/g, '&#13;');
}

/** For an attribute's value, quotes not included. White space that is not a blank would be read as one. */
export function xmlAttribute(text: string): string {
  return legal(text)
    .replace(/[&<>"']/g, (found) => escapes[found] as string)
    .replace(/[\t\n\r]/g, (found) => `&#${found.charCodeAt(0)};`);
}

/** ` name="value"` for each; null leaves one out. */
export function xmlAttributes(all: Readonly<Record<string, string | number | null>>): string {
  return Object.entries(all)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => ` ${name}="${xmlAttribute(String(value))}"`)
    .join('');
}

function legal(text: string): string {
  return text.replace(forbidden, '\ufffd');
}
