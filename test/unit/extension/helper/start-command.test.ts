import { describe, expect, test } from 'vitest';
import { quote, startCommand } from '../../../../extension/helper/start-command';

const place = { bundled: "/home/ada/it's here/dist", version: '0.1.0', socket: '/run/berth/berth.sock' };

describe('the command that starts the helper', () => {
  test('runs a copy that belongs to root, never the files of the user', () => {
    const command = startCommand(place, { uid: 0, has: () => false });
    expect(command).toContain('--no-preserve=ownership');
    expect(command).toMatch(
      /setsid --fork \/opt\/berth\/0\.1\.0\/bin\/berthd --socket \/run\/berth\/berth\.sock/,
    );
  });

  test('asks for rights with sudo, and with pkexec where there is no sudo', () => {
    expect(startCommand(place, { uid: 1000, has: (name) => name === 'sudo' })).toMatch(/^sudo sh -c '/);
    expect(startCommand(place, { uid: 1000, has: (name) => name === 'pkexec' })).toMatch(/^pkexec sh -c '/);
  });

  test('leaves containers alone when a systemd unit ends', () => {
    const command = startCommand(place, { uid: 0, has: (name) => name === 'systemd' });
    expect(command).toContain('-p KillMode=process');
  });
});

test('a quoted word is one word to a shell', async () => {
  const { execFileSync } = await import('node:child_process');
  for (const word of ["it's", 'a b', '$(id)', '`id`', 'x"y', '*'])
    expect(execFileSync('sh', ['-c', `printf %s ${quote(word)}`], { encoding: 'utf8' })).toBe(word);
});
