/** The command line: parsing only. What a command does is in its file under commands/, loaded when it is called. */
import { Command, CommanderError } from 'commander';
import * as argument from './commands/arguments.ts';
import { EXIT_USAGE, programVersion, reporting } from './commands/process.ts';

/** Runs the command that `argv` (as process.argv) names; resolves with the exit status. */
export async function run(argv: readonly string[]): Promise<number> {
  let status = 0;
  const program = new Command('simbankd')
    .description('The open gateway for banks of SIM cards.')
    .version(programVersion())
    .showHelpAfterError('(simbankd --help shows what there is)')
    .exitOverride();
  const carryOut: CarryOut = async (command, config) => {
    status = await reporting(command, config);
  };

  program
    .command('up')
    .description(
      'everything on one machine, nothing to configure: an emulated bank, broker, gateway, hub, status page',
    )
    .option('--modems <n>', 'how many modems to emulate', argument.count, 8)
    .option(
      '--real',
      'use the modems of this host instead of emulated ones (received messages are deleted from their cards)',
    )
    .option('--config <file>', 'a configuration file')
    .action((options) =>
      carryOut(async () => (await import('./commands/up.ts')).up(options), options.config),
    );

  program
    .command('gateway')
    .description('the daemon of one bank host')
    .option('--config <file>', 'a configuration file')
    .action((options) =>
      carryOut(async () => (await import('./commands/gateway.ts')).gateway(options), options.config),
    );

  program
    .command('hub')
    .description('the central API')
    .option('--config <file>', 'a configuration file')
    .action((options) =>
      carryOut(async () => (await import('./commands/hub.ts')).hub(options), options.config),
    );

  program
    .command('emulate')
    .description('a bank of emulated modems on ttys, with a control socket')
    .requiredOption('--modems <n>', 'how many (required)', argument.count)
    .requiredOption('--dir <dir>', 'where the ttys appear (required)')
    .option(
      '--persona <name>',
      'what they pretend to be: a name, several with commas between, or "all" (default: quectel-ec25)',
    )
    .option('--control <socket>', 'path of the control socket (default: control.sock in the folder)')
    .option('--latency-ms <ms>', 'what each command takes', argument.milliseconds, 0)
    .action((options) =>
      carryOut(async () => {
        await (await import('./commands/emulate.ts')).emulate(options);
        return 0;
      }),
    );

  program
    .command('scan')
    .description(
      'the modems of this host, their SIMs and the drivers that fit; writes only to what is a modem',
    )
    .argument('[port...]', 'only these, whatever is behind them')
    .option('--json', 'as JSON')
    .option('--config <file>', 'a configuration file')
    .action((ports, options) =>
      carryOut(async () => (await import('./commands/scan.ts')).scan(ports, options)),
    );

  program
    .command('doctor')
    .description('checks this host, and says what to do about what it finds')
    .option('--json', 'as JSON')
    .option('--config <file>', 'a configuration file')
    .action((options) => carryOut(async () => (await import('./commands/doctor.ts')).doctor(options)));

  program
    .command('decode')
    .description('decodes PDUs, from the arguments or from standard input')
    .argument('[pdu...]')
    .option('--jsonl', 'JSON lines in and out', false)
    .option('--tpdu', 'the PDUs have no SMSC prefix')
    .action((pdus, options) =>
      carryOut(async () => {
        const streams = { input: process.stdin, output: process.stdout, error: process.stderr };
        return (await import('./commands/decode.ts')).decode(pdus, options, streams);
      }),
    );

  program
    .command('code')
    .description('finds the one-time code in texts, from the arguments or from standard input')
    .argument('[text...]')
    .option('--jsonl', 'JSON lines in and out', false)
    .action((texts, options) =>
      carryOut(async () => {
        const streams = { input: process.stdin, output: process.stdout, error: process.stderr };
        return (await import('./commands/code.ts')).code(texts, options, streams);
      }),
    );

  const store = program.command('store').description('a look at a database, a copy of it, and the way back');
  const storeCommand = (name: string, description: string): Command =>
    store
      .command(name)
      .description(description)
      .option('--config <file>', 'a configuration file')
      .option('--hub', "the hub's database instead of the gateway's");
  storeCommand('check', 'looks at every page')
    .option('--json', 'as JSON')
    .action((options) => carryOut(async () => (await import('./commands/store.ts')).checkStore(options)));
  storeCommand('backup', 'a whole copy, also while the daemon runs')
    .argument('<file>')
    .action((file, options) =>
      carryOut(async () => (await import('./commands/store.ts')).backupStore(file, options)),
    );
  storeCommand('restore', 'puts a backup in the place of the database; the daemon must not run')
    .argument('<file>')
    .action((file, options) =>
      carryOut(async () => (await import('./commands/store.ts')).restoreStore(file, options)),
    );

  program
    .command('audit')
    .description('who had which SIM for what, from when to when, and how it ended')
    .option('--iccid <iccid>', 'of one SIM only')
    .option(
      '--since <time>',
      'nothing that had ended before, as 2026-11-21 or 2026-11-21T06:30Z',
      argument.time,
    )
    .option('--json', 'as JSON')
    .option('--config <file>', 'a configuration file')
    .action((options) => carryOut(async () => (await import('./commands/audit.ts')).audit(options)));

  gatewayCommands(program, carryOut);
  accountCommands(program, carryOut);
  keyCommands(program, carryOut);

  const config = program.command('config').description('about configuration files');
  config
    .command('check')
    .description('reads a file, and those it names, and tells every fault')
    .argument('<file>')
    .option('--json', 'faults as JSON', false)
    .action((file, options) =>
      carryOut(async () => (await import('./commands/config.ts')).checkConfig(file, options)),
    );
  config
    .command('schema')
    .description('prints the JSON Schema of a file, for editors')
    .action(() => carryOut(async () => (await import('./commands/config.ts')).printSchema()));

  try {
    await program.parseAsync(argv as string[]);
    return status;
  } catch (error) {
    // Help and version end here too, with 0; commander has written what there is to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    throw error;
  }
}

type CarryOut = (command: () => Promise<number>, config?: string) => Promise<void>;

/** One action on a running gateway. */
function gatewayCommands(program: Command, carryOut: CarryOut): void {
  const commands = () => import('./commands/ask.ts');
  const asking = (command: Command): Command =>
    command
      .option('--config <file>', 'of the gateway; without it, the one that "simbankd up" runs here')
      .option('--gateway <id>', 'another gateway at the same broker')
      .option('--json', 'as JSON');
  const sms = program.command('sms').description('messages that a SIM sends');
  asking(sms.command('send').description('sends a message, and says what became of it'))
    .argument('[text...]', 'from standard input when it is not here')
    .requiredOption('--to <number>', 'the recipient, as +12025550143 (required)')
    .option('--iccid <iccid>', 'the SIM that sends it')
    .option('--activation <id>', 'or the activation whose SIM does')
    .option('--report', 'waits for the report of the recipient')
    .option('--no-wait', 'the promise of the gateway is enough')
    .action((text, options) => carryOut(async () => (await commands()).sendSms(text, options)));
  asking(program.command('ussd').description('asks the network of a SIM something, as *100#'))
    .argument('<iccid>')
    .argument('<code>', 'or the reply that the network waits for')
    .action((iccid, code, options) => carryOut(async () => (await commands()).ussd(iccid, code, options)));
  asking(
    program.command('at').description('one AT command to the modem of a slot; off unless gateway.allowAt'),
  )
    .argument('<slot>')
    .argument('<command>')
    .action((slot, command, options) => carryOut(async () => (await commands()).at(slot, command, options)));
}

/** One that has to do with the hub's accounts: it works beside a running hub and without one. */
function hubCommand(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option('--json', 'as JSON')
    .option('--config <file>', 'a configuration file');
}

function accountCommands(program: Command, carryOut: CarryOut): void {
  const commands = () => import('./commands/account.ts');
  const account = program.command('account').description("the hub's customers and their money");
  hubCommand(
    account,
    'create',
    'makes an account, its first key and its webhook secret, shown only this once',
  )
    .argument('<name>', 'what it is called', argument.name)
    .option('--currency <code>', 'of its money, as ISO 4217 has it', argument.currency)
    .action((name, options) => carryOut(async () => (await commands()).createAccount(name, options)));
  hubCommand(account, 'list', 'all accounts with their balances').action((options) =>
    carryOut(async () => (await commands()).listAccounts(options)),
  );
  hubCommand(account, 'top-up', 'puts money into a wallet')
    .argument('<account>', 'its id or its name')
    .argument('<amount>', 'as 25.00', argument.payment)
    .option('--reference <text>', 'the name of the payment: the same one again adds nothing')
    .option('--note <text>')
    .action((id, amount, options) =>
      carryOut(async () => (await commands()).topUpAccount(id, amount, options)),
    );
  for (const [name, status, description] of [
    ['suspend', 'suspended', 'lets an account read and cancel, but no longer buy'],
    ['resume', 'active', 'lets a suspended account buy again'],
  ] as const) {
    hubCommand(account, name, description)
      .argument('<account>', 'its id or its name')
      .action((id, options) =>
        carryOut(async () => (await commands()).setAccountStatus(id, status, options)),
      );
  }
}

function keyCommands(program: Command, carryOut: CarryOut): void {
  const commands = () => import('./commands/key.ts');
  const key = program.command('key').description("keys of the hub's API");
  hubCommand(key, 'create', 'makes a key, shown only this once')
    .argument('<account>', 'its id or its name')
    .option('--scopes <list>', 'what it may do: read, buy, admin', argument.scopes, ['read', 'buy'])
    .option('--allow <cidr>', 'only from there; may be given several times', argument.cidrs, [])
    .option('--expires <time>', 'as 2027-01-31 or 2027-01-31T12:00Z', argument.future)
    .option('--label <text>', 'what its owner calls it')
    .action((account, options) => carryOut(async () => (await commands()).createKey(account, options)));
  hubCommand(key, 'list', 'keys, by what is shown of them')
    .argument('[account]', 'its id or its name')
    .action((account, options) => carryOut(async () => (await commands()).listKeys(account, options)));
  hubCommand(key, 'rotate', 'makes a key that takes the place of another, which goes on for a while')
    .argument('<id>')
    .option('--overlap-hours <n>', 'how long the old one goes on', argument.hours, 24)
    .action((id, options) => carryOut(async () => (await commands()).rotateKey(id, options)));
  hubCommand(key, 'revoke', 'ends a key at once')
    .argument('<id>')
    .action((id, options) => carryOut(async () => (await commands()).revokeKey(id, options)));
}
