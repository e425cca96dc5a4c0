import { createInterface } from 'node:readline/promises';
import type { CommandContext } from '../command';

/** Shows what wants to run on this machine and asks whether it may. Without a terminal nobody can answer: no. */
export async function askTrust(context: CommandContext, commands: string): Promise<boolean> {
  if (context.in.isTTY !== true || context.err.isTTY !== true) return false;
  const indented = commands
    .split('\n')
    .map((line) => `    ${line}\n`)
    .join('');
  context.err.write(
    `The project wants to run this on your machine, outside any container (initializeCommand):\n${indented}`,
  );
  const questions = createInterface({ input: context.in, output: context.err });
  try {
    const answer = await questions.question('Run it? [y/N] ', { signal: context.signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    questions.close();
  }
}
