import { EngineRequestError, EngineUnavailableError } from '../../core/error';
import { apiVersion } from '../../core/engine/api-version';
import type { DoctorCheck } from '../../protocol/docker';
import { command, type CommandContext } from '../command';
import { text } from '../command-line/flag';
import { wrap } from '../command-line/usage';
import { configPath, credentialsFor } from '../credentials/docker-config';
import { clientVersion } from '../product';

const good = (name: string, what: string): DoctorCheck => ({ name, ok: true, what });

const bad = (name: string, error: unknown, next: string): DoctorCheck =>
  error instanceof EngineUnavailableError
    ? { name, ok: false, what: error.what, why: error.why, next: error.next }
    : { name, ok: false, what: error instanceof Error ? error.message : String(error), next };

/** What can be said without the helper. */
async function clientChecks(context: CommandContext): Promise<DoctorCheck[]> {
  const checks = [
    good(
      'client',
      `berth ${clientVersion}, Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    ),
  ];
  try {
    await credentialsFor('docker.io', context.environment);
    checks.push(good('credentials', `registry credentials are read from ${configPath(context.environment)}`));
  } catch (error) {
    checks.push(bad('credentials', error, 'Correct the file, or log in again with `berth login`.'));
  }
  return checks;
}

/** Whether there is a helper that this client can work with; the further checks only make sense then. */
async function connectionChecks(
  context: CommandContext,
): Promise<{ checks: DoctorCheck[]; reachable: boolean }> {
  const { client, signal } = context;
  const checks: DoctorCheck[] = [];
  try {
    const { apiVersion: served } = await client.ping({ signal });
    checks.push(good('socket', `the helper answers at ${client.transport.describe()}`));
    const version = await client.version({ signal });
    checks.push(
      good('versions', `helper ${version.Version} serves API ${served}, this client needs ${apiVersion}`),
    );
    const { Uid, Admin } = await client.policy({ signal });
    checks.push(
      good(
        'policy',
        `you are uid ${Uid}: ${Admin ? 'an administrator, everything is allowed' : 'confined to your own containers, images and files'}`,
      ),
    );
    return { checks, reachable: true };
  } catch (error) {
    checks.push(
      bad(
        ['socket', 'versions'][checks.length] ?? 'policy',
        error,
        'Update the helper to the version of the client.',
      ),
    );
    return { checks, reachable: checks.length > 2 };
  }
}

async function helperChecks(context: CommandContext): Promise<DoctorCheck[]> {
  try {
    return (await context.client.doctor({ signal: context.signal })).checks;
  } catch (error) {
    if (!(error instanceof EngineRequestError) && !(error instanceof EngineUnavailableError)) throw error;
    return [
      bad(
        'helper',
        error,
        'Look at the helper’s log: its standard error, or /var/log/berth.log after `npm start`.',
      ),
    ];
  }
}

function show(check: DoctorCheck): string {
  const lines = [
    `${check.ok ? ' ok ' : 'FAIL'}  ${check.name.padEnd(22)} ${wrap(check.what, 74, ' '.repeat(29))}`,
  ];
  if (check.why !== undefined) lines.push(`${' '.repeat(29)}why:  ${wrap(check.why, 68, ' '.repeat(35))}`);
  if (check.next !== undefined) lines.push(`${' '.repeat(29)}next: ${wrap(check.next, 68, ' '.repeat(35))}`);
  return lines.join('\n');
}

export const doctor = command({
  usage: '[OPTIONS]',
  details: 'Exit code: 0 when all is well, 1 when something is wrong.',
  flags: { format: text('string', "'json' for one machine-readable report") },
  async run(context, { flags }) {
    const client = await clientChecks(context);
    const { checks, reachable } = await connectionChecks(context);
    const all = [...client, ...checks, ...(reachable ? await helperChecks(context) : [])];
    const failures = all.filter((check) => !check.ok).length;
    if (flags.format === 'json') context.out.write(`${JSON.stringify({ checks: all })}\n`);
    else {
      context.out.write(`${all.map(show).join('\n')}\n\n`);
      context.out.write(failures === 0 ? 'All is well.\n' : `${failures} of ${all.length} checks failed.\n`);
    }
    return failures === 0 ? 0 : 1;
  },
});
