import { type Command, type CommanderError, Option } from 'commander';
import { type ExitCode, InvalidError } from '../domain/errors.ts';
import { dispositions, expiryPolicies, memoryModes } from '../domain/evidence.ts';
import type { App } from './app.ts';

type Choose = (command: Command, run: (app: App) => Promise<ExitCode>) => void;
type AddCommand = (nameAndArgs: string, summary: string) => Command;

/** `freeze`, `release`, `hold` and `evidence …`. */
export function describeEvidence(program: Command, command: AddCommand, choose: Choose): void {
  command('freeze [containers...]', 'stop containers dead and keep disk and memory as evidence')
    .option('--compose <project>', 'every running container of this Compose project')
    .option('--label <key=value...>', 'every running container with these labels')
    .option('--engine <name>', 'the engine that they are on, where several have one of that name')
    .option('--reason <text>', 'why; part of the evidence')
    .addOption(new Option('--disposition <what>', 'what becomes of them then').choices([...dispositions]).default('keep'))
    .addOption(new Option('--memory <how>', 'proc: from /proc; full: a CRIU checkpoint as well').choices([...memoryModes]).default('proc'))
    .option('--volumes', 'capture volumes too')
    .option('--lease <duration>', 'how long they are held', '4h')
    .addOption(
      new Option('--on-expiry <what>', 'what happens then; notify keeps them frozen').choices([...expiryPolicies]).default('notify'),
    )
    .option('--force', 'also those with pitwall.skip; needs --reason')
    .action((containers: string[], flags, self: Command) =>
      choose(self, async (app) => (await import('./commands/freeze.ts')).freezeCommand(containers, flags, app)),
    );
  command('release <evidence>', 'move a held container on; by its evidence, name or id')
    .addOption(new Option('--to <what>', 'what becomes of it').choices(['resume', 'kill', 'quarantine', 'replace']).makeOptionMandatory())
    .action((reference: string, flags, self: Command) =>
      choose(self, async (app) => (await import('./commands/hold.ts')).releaseCommand(reference, flags, app)),
    );
  command('hold <evidence>', 'give a held container a new lease, from now on')
    .option('--lease <duration>', 'how long', '24h')
    .action((reference: string, flags, self: Command) =>
      choose(self, async (app) => (await import('./commands/hold.ts')).holdCommand(reference, flags, app)),
    );
  const evidence = program.command('evidence').description('what freezes captured').exitOverride();
  const sub = (nameAndArgs: string, summary: string) =>
    evidence
      .command(nameAndArgs)
      .description(summary)
      .option('-c, --config <file>', 'pitwall.yaml to use')
      .option('--json', 'print data instead of text')
      .exitOverride();
  sub('list', 'list cases, newest first')
    .option('--held', 'only those whose container is held')
    .option('--limit <n>', 'how many', '50')
    .action((flags, self: Command) =>
      choose(self, async (app) => (await import('./commands/evidence.ts')).evidenceListCommand(flags, app)),
    );
  sub('show <id>', 'show what a case holds')
    .option('--files', 'the open files of each process, too')
    .action((id: string, flags, self: Command) =>
      choose(self, async (app) => (await import('./commands/evidence.ts')).evidenceShowCommand(id, flags, app)),
    );
  sub('find <id> <text>', 'search captured memory, tmpfs and deleted files for a text; - reads it from standard input')
    .exitOverride(withoutText)
    .action((id: string, text: string, _flags, self: Command) =>
      choose(self, async (app) => (await import('./commands/evidence-find.ts')).evidenceFindCommand(id, text, app)),
    );
  sub('verify <case>', "check every hash, the signature, the custody log and the registry's copy; of a case or of an exported file")
    .option('--key <file>', 'the public key that must have signed it')
    .option('--offline', 'do not ask the registry')
    .action((reference: string, flags, self: Command) =>
      choose(self, async (app) => (await import('./commands/evidence.ts')).evidenceVerifyCommand(reference, flags, app)),
    );
  sub('open <id> [command...]', 'look around in a locked-down clone of the captured file system')
    .option('--restore', 'let it go on from the frozen instant; needs --memory full')
    .action((id: string, words: string[], flags, self: Command) =>
      choose(self, async (app) => (await import('./commands/evidence.ts')).evidenceOpenCommand(id, words, flags, app)),
    );
  sub('export <id>', 'write a case as one tar that can be checked without Pitwall')
    .requiredOption('--out <file>', 'the file to write')
    .action((id: string, flags, self: Command) =>
      choose(self, async (app) => (await import('./commands/evidence.ts')).evidenceExportCommand(id, flags, app)),
    );
  sub('prune', 'remove old cases; never the only copy of one whose container is held')
    .option('--older-than <duration>', 'those that were taken longer ago')
    .option('--keep-bytes <size>', 'the oldest, until the rest takes no more than this')
    .option('--dry-run', 'only say which')
    .action((flags, self: Command) =>
      choose(self, async (app) => (await import('./commands/evidence.ts')).evidencePruneCommand(flags, app)),
    );
}

/** What is taken for an option may be the secret that is looked for: `-----BEGIN …`. */
function withoutText(error: CommanderError): never {
  if (error.code !== 'commander.unknownOption') throw error;
  throw new InvalidError('usage', 'evidence find: unknown option', {
    hint: 'a text that begins with a dash goes to standard input: pitwall evidence find ID - < FILE',
  });
}
