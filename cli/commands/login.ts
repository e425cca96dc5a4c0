import { createInterface } from 'node:readline/promises';
import { text as readAll } from 'node:stream/consumers';
import { Writable } from 'node:stream';
import { command, type CommandContext } from '../command';
import { text, toggle } from '../command-line/flag';
import { configPath, keyOf, removeCredentials, storeCredentials } from '../credentials/docker-config';
import { ExitError } from '../failure';

/** A line from the terminal; what is typed is not shown when it is secret. */
async function ask(context: CommandContext, question: string, secret: boolean): Promise<string> {
  if (context.in.isTTY !== true) {
    throw new ExitError(
      1,
      'berth: Cannot ask for a password: standard input is not a terminal.\nUse --username NAME and --password-stdin.',
    );
  }
  context.err.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({
    input: context.in,
    output: secret ? silent : context.err,
    terminal: true,
  });
  try {
    return await reader.question('', { signal: context.signal });
  } finally {
    reader.close();
    if (secret) context.err.write('\n');
  }
}

export const login = command({
  usage: '[OPTIONS] [SERVER]',
  flags: {
    password: text('string', 'Password or Personal Access Token (PAT)', 'p'),
    'password-stdin': toggle('Take the Password or Personal Access Token (PAT) from stdin'),
    username: text('string', 'Username', 'u'),
  },
  count: { max: 1 },
  async run(context, { flags, positional: [server = 'docker.io'] }) {
    const registry = server.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
    if (flags['password-stdin'] && flags.password !== undefined) {
      throw new ExitError(1, '--password and --password-stdin are mutually exclusive');
    }
    if (flags['password-stdin'] && flags.username === undefined) {
      throw new ExitError(1, 'the --password-stdin option requires --username to be set');
    }
    if (flags.password !== undefined) {
      context.err.write('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n');
    }
    const username = flags.username ?? (await ask(context, 'Username: ', false));
    const password = flags['password-stdin']
      ? (await readAll(context.in)).replace(/\r?\n$/, '')
      : (flags.password ?? (await ask(context, 'Password: ', true)));
    if (username === '' || password === '')
      throw new ExitError(1, 'berth: Username and password must not be empty.');
    const request = { username, password, serveraddress: keyOf(registry) };
    const { Status, IdentityToken } = await context.client.login(request, { signal: context.signal });
    const path = storeCredentials(
      registry,
      { ...request, identitytoken: IdentityToken },
      context.environment,
    );
    context.err.write(`Your credentials are stored unencrypted in '${path}'.\n`);
    context.out.write(`${Status}\n`);
    return 0;
  },
});

export const logout = command({
  usage: '[SERVER]',
  flags: {},
  count: { max: 1 },
  run(context, { positional: [server = 'docker.io'] }) {
    const registry = server.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
    if (removeCredentials(registry, context.environment)) {
      context.out.write(`Removing login credentials for ${keyOf(registry)}\n`);
    } else context.err.write(`Not logged in to ${keyOf(registry)} (${configPath(context.environment)})\n`);
    return Promise.resolve(0);
  },
});
