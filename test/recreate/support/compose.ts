import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Compose as the client's plug-in, or as a program of its own. */
export async function compose(folder: string, project: string, ...args: string[]): Promise<string> {
  const [program, ...first] = await run('docker', ['compose', 'version']).then(
    () => ['docker', 'compose'] as const,
    () => ['docker-compose'] as const,
  );
  const { stdout } = await run(program, [...first, '--project-name', project, ...args], { cwd: folder });
  return stdout;
}
