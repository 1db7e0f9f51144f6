/**
 * A writer of progress lines with the time since it was made: ` 12.3s  what happens`.
 * @param {NodeJS.WritableStream} [stream] default: standard error, so that results alone are on standard output
 * @returns {(line: string) => void}
 */
export function progress(stream = process.stderr) {
  const start = performance.now();
  return (line) => {
    const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
    stream.write(`${seconds}s  ${line}\n`);
  };
}
