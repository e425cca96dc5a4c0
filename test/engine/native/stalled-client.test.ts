/** A client that takes nothing for too long: the process and everybody else go on, and it is told what it missed. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildProbe } from './probe';

interface Got {
  readonly output: number;
  readonly notice: string;
  readonly exit: number;
  readonly outputAfterNotice: boolean;
  /** Its last frame was not complete. */
  readonly cut: boolean;
}

let probe: ReturnType<typeof buildProbe>;
beforeAll(() => {
  probe = buildProbe('stalled_client_probe');
});
afterAll(() => {
  probe.remove();
});

const total = 8 << 20;

test.each([
  ['disconnects', 0],
  ['stays', 4],
])('a client that %s', (rule, exit) => {
  const text = execFileSync(probe.program, ['8', rule], { timeout: 30_000 }).toString();
  const { logged, attentive, stalled } = JSON.parse(text) as { logged: number; attentive: Got; stalled: Got };
  expect(logged).toBe(total);
  expect(attentive).toEqual({ output: total, notice: '', exit: 4, outputAfterNotice: false, cut: false });
  expect(stalled).toMatchObject({ notice: 'skipped', exit, outputAfterNotice: false, cut: false });
  expect(stalled.output).toBeGreaterThan(0);
  expect(stalled.output).toBeLessThan(total);
});
