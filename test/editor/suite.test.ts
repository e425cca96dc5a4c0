import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectRoot } from '../harness/daemon';
import { run } from '../harness/run';

/** The suites inside the editor's extension host, through the stock test tool. */
describe('in the extension host', () => {
  let workspace = '';
  beforeAll(async () => {
    workspace = mkdtempSync(join(tmpdir(), 'berth-w-'));
    const webpack = join(projectRoot, 'node_modules/webpack/bin/webpack.js');
    const built = await run(
      [process.execPath, webpack, '-c', join(projectRoot, 'test/editor/suite/webpack.config.cjs')],
      {
        cwd: projectRoot,
      },
    );
    expect(built.code, built.stdout + built.stderr).toBe(0);
  });
  afterAll(() => rmSync(workspace, { recursive: true, force: true }));

  test('without a helper, everything is there and says what to do', { timeout: 240_000 }, async () => {
    const ran = await runSuite('without-helper', {
      BERTH_HOST: `unix://${workspace}/nobody.sock`,
      BERTH_TEST_WORKSPACE: workspace,
    });
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    expect(ran.stdout).toMatch(/5 passing/);
  });
});

function runSuite(name: string, env: NodeJS.ProcessEnv) {
  const tool = join(projectRoot, 'node_modules/@vscode/test-cli/out/bin.mjs');
  const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
  return run([process.execPath, tool, '--run', join(projectRoot, 'dist/editor-suite', `${name}.js`)], {
    cwd: projectRoot,
    env: { ...process.env, ...env, PATH: path, BERTH_SHIM_SECONDS: '200' },
    milliseconds: 230_000,
  });
}
