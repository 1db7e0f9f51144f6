/** Evidence without what is another in every run: commands and their output, salted hashes, addresses, times and amounts. */
export function reason(evidence: string): string {
  return evidence
    .replace(/ \[`[\s\S]*\]$/, '')
    .replaceAll(/ \(not self-tested here: [^)]*\)/g, '')
    .replaceAll(/hash [0-9a-f]+/g, 'hash')
    .replaceAll(/\b(\d{1,3}\.){3}\d{1,3}\b|\b[0-9a-f]*:[0-9a-f:]*:[0-9a-f]*\b/g, 'address')
    .replaceAll(/\d+\.\d+|\d+ (ms|s|m|h|d|days|MB|MiB|GiB)\b/g, 'amount');
}
