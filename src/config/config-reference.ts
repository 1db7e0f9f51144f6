import { configSchema } from './config-schema.ts';
import { settings } from './environment.ts';
import { toJsonSchema } from './json-schema.ts';
import { code, markdownTable, referenceRows } from './reference-rows.ts';

/** `docs/configuration.md`: every key of `pitwall.yaml` with its variable, from the schema that reads it. */
export function configReferenceMarkdown(): string {
  const schema = configSchema();
  const variables = new Map(settings(schema).map((one) => [one.path.join('.'), one.variable]));
  const rows = referenceRows(toJsonSchema(schema)).map((row) => {
    const variable = variables.get(row.key);
    return [
      code(row.key),
      row.type,
      row.default ?? (row.required ? '**required**' : '–'),
      variable ? code(variable) : '–',
      row.description,
    ];
  });
  return [intro, '## Keys', markdownTable(['key', 'type', 'default', 'environment', 'what it is'], rows), rest].join('\n\n');
}

const intro = `# Configuration

<!-- Generated from the schema by \`npm run docs\`; do not edit. -->

\`pitwall.yaml\` is looked for where \`--config\` says, else where \`PITWALL_CONFIG\` says, else in the working directory. None is needed: everything has
a default. It is read strictly; an unknown key or a wrong value is an error with file, line and column, and exit code 2.

\`\`\`yaml
engines:
  - { name: staging-1, host: "unix:///var/run/docker.sock", environment: staging }
optIn:
  - { compose: shop, kinds: all }
registry: { url: "http://127.0.0.1:5000", repository: evidence, credentials: { env: REGISTRY_AUTH } }
policy:
  production: [forensic-freeze, segmentation]
  freeze:
    - { rule: "Terminal shell in container", maxPerHour: 3, disposition: replace }
    - { rule: "Drop and execute new binary in container", priority: critical, labels: { tier: web }, memory: full, lease: 8h }
\`\`\`

An engine that is not listed has the environment \`local\` if it is reached by a unix socket of this host, and otherwise none, so that every drill
refuses it.

**Where things are.** Pitwall's home is \`$PITWALL_HOME\` (an absolute path), else the folder of the configuration file, else \`/var/lib/pitwall\` if it can
be written, else \`~/.local/state/pitwall\`. What has no path of its own lies there. Relative paths are relative to the configuration file, without one
to the home; never to the working directory. \`~/\` is your home folder.

**Environment.** A variable wins over the file. Text stands as it is; a list is written \`a,b\` or \`[a, b]\`; lists of maps and maps as in YAML:
\`PITWALL_ENGINES='[{ name: local, host: "unix:///var/run/docker.sock", environment: ci }]'\`. An empty variable is as good as none.

**Secrets** are never values here: \`{ env: NAME }\` or \`{ file: PATH }\` says where they are.`;

const rest = `An \`optIn\` rule never holds on an engine of the environment \`production\`, nor on one whose environment is not known: there, containers opt in by
their labels only.
`;
