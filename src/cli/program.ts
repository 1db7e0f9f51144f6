import { Command, CommanderError, Option } from 'commander';
import { type ExitCode, exitCodes, InvalidError } from '../domain/errors.ts';
import { auditOutcomes } from '../store/audit-row.ts';
import type { App } from './app.ts';
import { describeEvidence } from './program-evidence.ts';

/** What every command takes. */
export interface GlobalFlags {
  readonly config?: string;
  readonly json?: boolean;
}

export interface ProgramDeps {
  readonly version: string;
  /** Makes the app that the command works with; called once the flags are known. */
  open(flags: GlobalFlags): App;
  /** Where help goes. */
  readonly write: (text: string) => void;
}

type Work = (app: App) => Promise<ExitCode>;

/** Reads the command line, and does what it asks for. Each command's code is loaded only when it is called. */
export async function execute(argv: readonly string[], deps: ProgramDeps): Promise<ExitCode> {
  // a group without its command (`pitwall token`) prints its help where errors go, and only that is meant for the reader
  const help: string[] = [];
  let work: { readonly flags: GlobalFlags; readonly run: Work } | null = null;
  const program = describe({ ...deps, writeError: (text) => help.push(text) }, (command, run) => {
    work = { flags: command.optsWithGlobals<GlobalFlags>(), run };
  });
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exitCodes.ok;
    if (error.code === 'commander.help') {
      deps.write(help.join(''));
      return exitCodes.usage;
    }
    throw new InvalidError('usage', error.message.replace(/^error: /, ''), { hint: `${namedIn(program, argv)} --help` });
  }
  const chosen = work as { readonly flags: GlobalFlags; readonly run: Work } | null;
  if (chosen === null) throw new Error('the command line was read, and nothing was chosen');
  const app = deps.open(chosen.flags);
  try {
    return await chosen.run(app);
  } finally {
    await app.close();
  }
}

/** The command that was meant, as far as its words are ones of ours: `pitwall token create`. */
function namedIn(command: Command, words: readonly string[], path = command.name()): string {
  const at = words.findIndex((word) => !word.startsWith('-'));
  const child = command.commands.find((one) => one.name() === words[at]);
  return child === undefined ? path : namedIn(child, words.slice(at + 1), `${path} ${child.name()}`);
}

/** The help of every command, for the reference. */
export function commandReference(): { readonly name: string; readonly help: string }[] {
  const program = describe({ version: '', write: () => undefined, writeError: () => undefined }, () => undefined);
  const leaves = (command: Command, path: string): { name: string; help: string }[] => {
    const name = `${path} ${command.name()}`.trim();
    if (command.commands.length > 0) return command.commands.flatMap((child) => leaves(child, name));
    command.configureHelp({ helpWidth: 110 });
    return [{ name, help: command.helpInformation() }];
  };
  return leaves(program, '');
}

function describe(
  deps: Pick<ProgramDeps, 'version' | 'write'> & { writeError(text: string): void },
  choose: (command: Command, run: Work) => void,
): Command {
  const program = new Command('pitwall')
    .description('Safety drills on containers: crashes, attacks, recycles and freezes them on purpose, on a schedule, and keeps the score.')
    .version(deps.version, '-V, --version')
    .option('-c, --config <file>', 'pitwall.yaml to use (default: PITWALL_CONFIG, or the one in the working directory)')
    .option('--json', 'print data instead of text')
    .configureOutput({ writeOut: deps.write, writeErr: deps.writeError })
    .exitOverride()
    .showHelpAfterError(false);
  const command = (nameAndArgs: string, summary: string) =>
    program
      .command(nameAndArgs)
      .description(summary)
      .option('-c, --config <file>', 'pitwall.yaml to use')
      .option('--json', 'print data instead of text')
      .exitOverride();

  command('serve', 'run the scheduler and the API until told to stop').action((_flags, self: Command) =>
    choose(self, async (app) => (await import('./serve/serve.ts')).serveCommand(app)),
  );
  command('demo', 'bring up the demo shop and run each kind of drill once')
    .option('--once', 'clean up and exit when done')
    .action((flags, self: Command) => choose(self, async (app) => (await import('./commands/demo.ts')).demoCommand(flags, app)));
  command('doctor', 'say what this machine and its engines can and cannot do').action((_flags, self: Command) =>
    choose(self, async (app) => (await import('./commands/doctor.ts')).doctorCommand(app)),
  );
  command('drills', 'list the catalogue: schedules, next runs, last verdicts').action((_flags, self: Command) =>
    choose(self, async (app) => (await import('./commands/drills.ts')).drillsCommand(app)),
  );
  command('targets', 'list running containers, their age, and which of them opted in').action((_flags, self: Command) =>
    choose(self, async (app) => (await import('./commands/targets.ts')).targetsCommand(app)),
  );
  command('probes [id]', 'list the probes; with an id, all that it does, how its answer is read, and where it must fail').action(
    (id: string | undefined, _flags, self: Command) =>
      choose(self, async (app) => (await import('./commands/probes.ts')).probesCommand(id, app)),
  );
  command('validate [paths...]', 'check drill files (default: the catalogue); --schema prints their JSON Schema for editors')
    .option('--schema', 'print the JSON Schema of drill files')
    .action((paths: string[], flags, self: Command) =>
      choose(self, async (app) => (await import('./commands/validate.ts')).validateCommand(paths, flags, app)),
    );
  command('plan <drill>', 'print the exact targets, their order and what would be done; changes nothing')
    .option('--seed <seed>', 'the seed of the pick')
    .option('--image <image>', 'before deployment: what a run on this image would do')
    .option('--compose <file>', 'before deployment: what a run on the services of this Compose file would do')
    .action((drill: string, flags, self: Command) =>
      choose(self, async (app) => (await import('./commands/plan.ts')).planCommand(drill, flags, app)),
    );
  command('run <drill>', 'run a drill of the catalogue, or those of a file, now')
    .option('--seed <seed>', 'the seed of the pick')
    .option('--replay <run>', 'pick the same targets as this run')
    .option('--image <image>', 'before deployment: test this image, and nothing that runs')
    .option('--compose <file>', 'before deployment: test the services of this Compose file, and nothing that runs')
    .option('--baseline <run>', 'report only what changed since this run, and fail only for that')
    .option('--junit <file>', 'write a JUnit report')
    .option('--sarif <file>', 'write a SARIF 2.1.0 report')
    .option('--ignore-window', 'run outside safety.window; needs --reason')
    .option('--reason <text>', 'why')
    .option('--suggest', 'print the policy that describes what a segmentation drill found')
    .action((drill: string, flags, self: Command) =>
      choose(self, async (app) => (await import('./commands/run.ts')).runCommand(drill, flags, app)),
    );
  command('runs', 'list runs, newest first')
    .option('--limit <n>', 'how many', '20')
    .option('--before <run>', 'older than this run')
    .option('--drill <name>', 'of this drill')
    .option('--kind <kind>', 'of this kind')
    .addOption(
      new Option('--verdict <verdict>', 'with this verdict').choices(['passed', 'failed', 'inconclusive', 'refused', 'aborted', 'error']),
    )
    .action((flags, self: Command) => choose(self, async (app) => (await import('./commands/runs.ts')).runsCommand(flags, app)));
  command('show <run>', 'show one run, whole')
    .option('--events', 'with its timeline')
    .action((run: string, flags, self: Command) =>
      choose(self, async (app) => (await import('./commands/runs.ts')).showCommand(run, flags, app)),
    );
  command('scorecard', 'say what has been proven, how long ago, and what has changed')
    .option('--min-grade <grade>', 'exit 1 when the grade is worse than this; 3 when it is so only because proof has aged')
    .option('--service <service>', 'of this service alone')
    .option('--items', 'with --json: every proof, with what its part in the grade is computed from')
    .option('--badge <file>', 'write the grade as an SVG')
    .option('--retire <service>', 'forget what was proven of a service that is gone; needs --reason')
    .option('--item <probe>', 'with --retire: forget this probe or objective alone, which cannot apply any more')
    .option('--retire-drill <drill>', 'forget what a drill has proven that is no longer in the catalogue; needs --reason')
    .option('--reason <text>', 'why')
    .action((flags, self: Command) => choose(self, async (app) => (await import('./commands/scorecard.ts')).scorecardCommand(flags, app)));
  command('report [run]', 'write a report on a run; without one, on the last 30 days, for somebody who was not there')
    .option('--since <duration>', 'so many days up to today')
    .option('--from <day>', 'from this day on, UTC, such as 2026-01-31')
    .option('--until <day>', 'up to and with this day (default: today)')
    .option('--service <name>', 'on one service alone')
    .option('--out <folder>', "the folder for its files (default: a new one in reports of Pitwall's home)")
    .option('--format <formats>', 'some of html, md, json, csv, chaostoolkit, with commas between', 'html')
    .action((run: string | undefined, flags, self: Command) =>
      choose(self, async (app) => (await import('./commands/report.ts')).reportCommand(run, flags, app)),
    );
  command('halt', 'end every run, with its undo, and let none begin until unhalt')
    .option('--reason <text>', 'why')
    .action((flags, self: Command) => choose(self, async (app) => (await import('./commands/halt.ts')).haltCommand(flags, app)));
  command('unhalt', 'let drills begin again').action((_flags, self: Command) =>
    choose(self, async (app) => (await import('./commands/halt.ts')).unhaltCommand(app)),
  );
  command('recover', 'settle what a killed process left behind')
    .option('--all-instances', 'also helpers of other Pitwall databases, once they are past their expiry')
    .action((flags, self: Command) => choose(self, async (app) => (await import('./commands/recover.ts')).recoverCommand(flags, app)));
  describeEvidence(program, command, choose);
  command('backup <file>', 'write a consistent copy of the database').action((file: string, _flags, self: Command) =>
    choose(self, async (app) => (await import('./commands/backup.ts')).backupCommand(file, app)),
  );
  describeToken(program, choose);
  describeNotify(program, choose);
  describeAudit(program, choose);
  return program;
}

function describeAudit(program: Command, choose: (command: Command, run: Work) => void): void {
  const audit = program.command('audit').description('the log of who did what').exitOverride();
  const command = (name: string, summary: string) =>
    audit
      .command(name)
      .description(summary)
      .option('-c, --config <file>', 'pitwall.yaml to use')
      .option('--json', 'print data instead of text')
      .exitOverride();
  command('list', 'who did what, newest first')
    .option('--limit <n>', 'how many', '20')
    .option('--before <seq>', 'older than this one')
    .option('--who <name>', 'of this token, or user of the command line')
    .option('--act <act>', 'only this one: freeze, run, halt, …')
    .addOption(new Option('--outcome <outcome>', 'what became of it').choices([...auditOutcomes]))
    .option('--since <when>', 'from then on: a day, an instant, or how long ago: 7d')
    .option('--until <when>', 'before then')
    .action((flags, self: Command) => choose(self, async (app) => (await import('./commands/audit.ts')).auditListCommand(flags, app)));
  command('verify', 'check that no row of the audit log was changed or removed').action((_flags, self: Command) =>
    choose(self, async (app) => (await import('./commands/audit.ts')).auditVerifyCommand(app)),
  );
}

function describeToken(program: Command, choose: (command: Command, run: Work) => void): void {
  const token = program.command('token').description('tokens for the API').exitOverride();
  const command = (nameAndArgs: string, summary: string) =>
    token
      .command(nameAndArgs)
      .description(summary)
      .option('-c, --config <file>', 'pitwall.yaml to use')
      .option('--json', 'print data instead of text')
      .exitOverride();
  command('create <name>', 'make a token and print it, once')
    .addOption(new Option('--role <role>', 'what it may do').choices(['viewer', 'operator', 'responder', 'admin']).default('viewer'))
    .option('--expires <duration>', 'how long it is good for from now on, or never', '90d')
    .option(
      '--scope <rule>',
      'what it may act on: drill:GLOB, engine:GLOB or container:GLOB; repeat for more (default: everything)',
      (rule: string, rules: readonly string[]) => [...rules, rule],
      [] as readonly string[],
    )
    .action((name: string, flags, self: Command) =>
      choose(self, async (app) => (await import('./commands/token.ts')).tokenCreateCommand(name, flags, app)),
    );
  command('list', 'list tokens, never their values').action((_flags, self: Command) =>
    choose(self, async (app) => (await import('./commands/token.ts')).tokenListCommand(app)),
  );
  command('revoke <name>', 'make a token useless').action((name: string, _flags, self: Command) =>
    choose(self, async (app) => (await import('./commands/token.ts')).tokenRevokeCommand(name, app)),
  );
}

function describeNotify(program: Command, choose: (command: Command, run: Work) => void): void {
  const notify = program.command('notify').description('what hooks are told').exitOverride();
  const command = (nameAndArgs: string, summary: string) =>
    notify
      .command(nameAndArgs)
      .description(summary)
      .option('-c, --config <file>', 'pitwall.yaml to use')
      .option('--json', 'print data instead of text')
      .exitOverride();
  command('test [name]', 'send a notice that says it is a test, to one hook or to all, and say what came back').action(
    (name: string | undefined, _flags, self: Command) =>
      choose(self, async (app) => (await import('./commands/notify.ts')).notifyTestCommand(name, app)),
  );
  command('list', 'list notices, newest first, and whether each hook has them')
    .option('--limit <n>', 'how many', '20')
    .action((flags, self: Command) => choose(self, async (app) => (await import('./commands/notify.ts')).notifyListCommand(flags, app)));
}
