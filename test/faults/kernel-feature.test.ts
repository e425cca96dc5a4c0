/** A machine on which the kernel refuses what containers need: told by name, and nothing is left behind. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bin, call, startDaemon } from '../harness/daemon';
import type { TestDaemon } from '../harness/daemon';
import { run } from '../harness/run';

let daemon: TestDaemon;
beforeAll(async () => {
  // Root without the power to mount is what a kernel without these mounts looks like.
  daemon = await startDaemon({
    under: ['setpriv', '--bounding-set', '-sys_admin', '--inh-caps', '-sys_admin'],
  });
});
afterAll(async () => {
  await daemon.stop();
});

it.each(['berth', 'docker'])('%s run says what is missing, and where to see more', async (client) => {
  const program = client === 'berth' ? bin('berth') : client;
  const ran = await run([program, 'run', '--rm', 'berth/base', 'true'], { env: daemon.env });
  expect([ran.code, ran.stdout]).toEqual([125, '']);
  expect(ran.stderr).toMatch(/containers cannot run on this machine\. .*berth doctor/);
  expect((await call(daemon.socket, 'GET', '/containers/json?all=1')).body.trim()).toBe('[]');
});

it('berth doctor names each, with why and what next', async () => {
  const doctor = await run([bin('berth'), 'doctor'], { env: daemon.env });
  expect(doctor.code).toBe(1);
  expect(doctor.stdout).toMatch(/FAIL {2}overlay by descriptor +missing\n +why: .*\n +next: /);
});
