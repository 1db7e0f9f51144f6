import { type Answer, broken, type Facts, holds, inconclusive, notApplicable, type Probe } from '../probe.ts';
import { fromStep } from '../read.ts';
import { argumentsOf, describeLayer, linesOf } from './history.ts';
import { type SecretFound, secretsInArguments, secretsInText, secretsInVariables } from './secret-shapes.ts';
import { canary, reuse } from './secret-spread.ts';
import { listed, secretPaths, secretTargets } from './secrets-known.ts';
import { strayCredentials } from './stray-credentials.ts';

export const secrets: readonly Probe[] = [
  {
    id: 'SEC-01',
    group: 'secrets',
    title: 'No secret in the environment',
    attempt: 'Reads the variables that the API says, and those of the dummy’s first process.',
    severity: 'high',
    safety: 'read-only',
    reading:
      'A variable whose name or value is a secret’s is broken; a path to a secret, an empty value and a public key are fine. Names and hashes are shown.',
    control: 'The environment of the first process could be read, and has what the API says.',
    steps: () => [{ name: 'environ', run: '$B cat /proc/1/environ', bytes: 131_072, confidential: true }],
    judge: (facts) => {
      const declared = facts.inspect.Config.Env ?? [];
      const found = secretsInVariables(declared);
      const environ = facts.step('environ');
      const real = environ?.exitCode === 0 ? environ.output.split('\0').filter((variable) => variable !== '') : null;
      const hidden = secretsInVariables(real ?? []).filter(({ value }) => !found.some((one) => one.value === value));
      if (hidden.length > 0)
        return {
          ...broken(`in the environment of the first process: ${listed(hidden, facts)}`),
          disagreement: `the first process is given ${hidden.map(({ name }) => name).join(', ')}, of which the API says nothing`,
        };
      if (found.length > 0) return broken(`in the environment: ${listed(found, facts)}`);
      const many = `none of ${declared.length} variables is a secret`;
      if (real === null)
        return facts.unattempted === null
          ? inconclusive('the environment of the first process could not be read')
          : holds(`${many}, by the API alone: ${facts.unattempted}`);
      // by name: of several of one name the run-time keeps the last
      const names = new Set(real.map((variable) => variable.split('=')[0]));
      const missing = declared.filter((variable) => variable.includes('=') && !names.has(variable.split('=')[0]));
      if (environ?.cut === true) return inconclusive(`${many}, but the environment of the first process is too long to be read whole`);
      if (missing.length > 0) return inconclusive('what was read of the first process’s environment is not what the API says');
      return holds(`${many}, by the API and in the first process`);
    },
    weakness: { in: 'careless' },
  },
  {
    id: 'SEC-02',
    group: 'secrets',
    title: 'No secret in the image’s configuration',
    attempt: 'Reads variables, labels, entrypoint, command and health check of the image, and of every layer of its history.',
    severity: 'high',
    safety: 'read-only',
    reading: 'A secret in any of them is broken, also one that a later layer takes back: the layers are kept.',
    control: 'The engine has the image and tells its configuration and history.',
    judge: (facts) => {
      const { Config: config } = facts.image;
      const layers = facts.history.map(describeLayer);
      const found = [
        ...secretsInVariables([...(config.Env ?? []), ...Object.entries(config.Labels ?? {}).map(([name, value]) => `${name}=${value}`)]),
        ...secretsInArguments([...(config.Entrypoint ?? []), ...(config.Cmd ?? []), ...argumentsOf(config.Healthcheck)]),
        ...layers.filter(({ instruction }) => !buildLines.includes(instruction)).flatMap(({ text }) => secretsInText(text)),
      ];
      if (found.length > 0) return broken(`whoever has the image has ${listed(found, facts)}`);
      return holds(
        `none in its variables, labels and command, nor in ${layers.length} ${layers.length === 1 ? 'layer' : 'layers'} of its history`,
      );
    },
    weakness: { in: 'leaky-image' },
  },
  {
    id: 'SEC-03',
    group: 'secrets',
    title: 'Mounted secrets are not readable by everybody',
    attempt: 'Lists the files of the folders for secrets, and of mounts that are named like one, that other users may read.',
    severity: 'medium',
    safety: 'read-only',
    reading: 'A file with the read bit for others is broken. None at all is not applicable.',
    control: 'The same search finds files when it does not ask for the bit.',
    steps: ({ inspect }) => {
      const folders = secretTargets(inspect).map(quotedPath).join(' ');
      return [
        { name: 'files', run: `$B find ${folders} -type f 2>&1 | $B head -n 40`, bytes: 4_096 },
        { name: 'readable', run: `$B find ${folders} -type f -perm -0004 2>&1 | $B head -n 40`, bytes: 4_096 },
      ];
    },
    judge: (facts) => {
      const mounted = facts.inspect.Mounts.filter(({ Destination }) => secretPaths.test(Destination));
      const service = facts.inspect.Config.Labels?.['com.docker.swarm.service.id'] !== undefined;
      return fromStep(facts, 'readable', ({ output }) => {
        const files = pathsOf(facts.step('files')?.output ?? '');
        const open = pathsOf(output);
        if (open.length > 0) return broken(`${open.join(', ')} may be read by every user of the container`);
        if (/denied/i.test(`${output}${facts.step('files')?.output ?? ''}`))
          return inconclusive('some of the folders could not be looked into');
        if (files.length > 0)
          return holds(`${files.length === 1 ? `${files[0]} is` : `${files.length} files are`} for the owner and the group alone`);
        if (service) return inconclusive('a task of a Swarm service has its secrets from Swarm, which the dummy is not given');
        if (mounted.length > 0)
          return inconclusive(
            `the dummy has nothing at ${mounted.map(({ Destination }) => Destination).join(', ')}, where the original has a mount`,
          );
        return notApplicable('it mounts no secrets');
      });
    },
    weakness: { in: 'careless' },
  },
  {
    id: 'SEC-04',
    group: 'secrets',
    title: 'No secret in a command line',
    attempt: 'Reads the command and health check that the API says, and the arguments of the original’s processes.',
    severity: 'medium',
    safety: 'read-only',
    reading:
      'The value of an option or assignment that is named like a secret, and any known shape, is broken: every process and `docker ps` can see it.',
    control: 'The arguments of the first process could be read.',
    judge: commandLines,
    weakness: { in: 'careless' },
  },
  strayCredentials,
  canary,
  reuse,
  {
    id: 'SEC-08',
    group: 'secrets',
    title: 'The build left no secret in the history',
    attempt: 'Reads build arguments and commands in the image’s history.',
    severity: 'medium',
    safety: 'read-only',
    reading:
      'A build argument or a command with a secret in it is broken: secrets of a build belong in secret mounts. A history that says nothing is not applicable.',
    control: 'The history says of a layer what made it.',
    judge: (facts) => {
      const layers = facts.history.filter((line) => line.trim() !== '').map(describeLayer);
      if (layers.length === 0) return notApplicable('its history does not say what made it: it was imported, not built');
      const built = layers.filter(({ instruction }) => buildLines.includes(instruction));
      const found = built.flatMap(({ text, buildArguments }) => [...secretsInVariables(buildArguments), ...secretsInText(text)]);
      if (found.length > 0) return broken(`in its history: ${listed(found, facts)}`);
      const copied = built.flatMap(({ text, instruction }) => (/^(COPY|ADD)$/.test(instruction) ? copiedSecrets(text) : []));
      if (copied.length > 0) return broken(`the build copied ${copied.join(', ')} into a layer`);
      return holds(`none in ${built.length} build ${built.length === 1 ? 'step' : 'steps'}`);
    },
    weakness: { in: 'leaky-image' },
  },
];

const buildLines = ['RUN', 'ARG', 'COPY', 'ADD'];

function copiedSecrets(text: string): string[] {
  const files = text
    .split(/\s+/)
    .filter((word) => /(^|\/)(\.npmrc|\.netrc|\.git-credentials|\.pypirc|\.env|\.vault-token|id_(rsa|ed25519|ecdsa|dsa))$/.test(word));
  return [...new Set(files)];
}

function commandLines(facts: Facts): Answer {
  const { inspect, seen } = facts;
  const declared = [inspect.Path, ...inspect.Args, ...argumentsOf(inspect.Config.Healthcheck)];
  const inDeclared = secretsInArguments(declared);
  if (inDeclared.length > 0) return broken(`in its command: ${listed(inDeclared, facts)}`);
  if (!inspect.State.Running) return holds('none in its command; it does not run, so it has no other');
  if (inspect.HostConfig.PidMode !== '' && inspect.HostConfig.PidMode !== 'private')
    return inconclusive('none in its command; whose the processes are that it shares a PID namespace with is not known');
  if (seen === null || seen.processes.every(({ pid }) => pid !== 1))
    return inconclusive('none in its command; its processes could not be seen');
  const inProcesses = seen.processes.flatMap(({ pid, argv }): (SecretFound & { pid: number })[] =>
    secretsInArguments(argv).map((found) => ({ ...found, pid })),
  );
  if (inProcesses.length > 0) return broken(`in the arguments of process ${inProcesses[0]?.pid}: ${listed(inProcesses, facts)}`);
  if (!seen.processesRead)
    return inconclusive('none in its command; its processes were too many, or their arguments too long, to be read whole');
  return holds('none in its command, nor in the arguments of its processes');
}

function pathsOf(output: string): string[] {
  return [
    ...new Set(
      linesOf(output)
        .filter((line) => line.startsWith('/'))
        .map((line) => line.replace(/^\/var\/run\//, '/run/')),
    ),
  ];
}

function quotedPath(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}
