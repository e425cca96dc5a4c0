/**
 * `npm start [-- PATH] [--editor[=browser]]`: sets everything up, starts the helper, and opens a project (default: examples/hello-node)
 * inside a container: a shell where there is a terminal, else a summary. With --editor: an editor window inside.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bootstrap } from './lib/bootstrap.mjs';
import { Failure, runMain } from './lib/command.mjs';
import { dist, projectRoot } from './lib/paths.mjs';

const berth = join(dist, 'bin', 'berth');

const editorWords = ['--editor', '--editor=browser'];

function parse(words) {
  const unknown = words.filter((word) => word.startsWith('-') && !editorWords.includes(word));
  const paths = words.filter((word) => !word.startsWith('-'));
  if (unknown.length > 0 || paths.length > 1)
    throw new Failure(
      `usage: npm start [-- PATH] [--editor[=browser]]; not understood: ${[...unknown, ...paths.slice(1)].join(' ')}`,
    );
  const project = resolve(projectRoot, paths[0] ?? join('examples', 'hello-node'));
  if (!existsSync(project) || !statSync(project).isDirectory())
    throw new Failure(`${project} is not a folder; give the path of a project: npm start -- PATH`);
  return { project, editor: words.findLast((word) => editorWords.includes(word)) };
}

await runMain(async () => {
  const started = Date.now();
  const { project, editor } = parse(process.argv.slice(2));
  bootstrap(editor ? 'editor' : 'start');
  await (await import('./build.mjs')).build();
  const { startHelper } = await import('./lib/helper.mjs');
  const socket = await startHelper();
  const { importDevelopmentImage } = await import('./development-image.mjs');
  await importDevelopmentImage(socket);
  if (editor) await (await import('./editor-server.mjs')).ensureEditorServer();

  const terminal = process.stdin.isTTY && process.stdout.isTTY;
  const up = [
    'up',
    project,
    // Whoever runs this project's own example has read it; any other folder asks before it runs a command on the host.
    ...(project.startsWith(join(projectRoot, 'examples')) ? ['--trust'] : []),
    ...(editor ? [editor] : terminal ? ['--shell'] : []),
  ];
  const ended = spawnSync(berth, up, {
    stdio: 'inherit',
    env: { ...process.env, BERTH_HOST: `unix://${socket}` },
  });
  if (ended.status !== 0) process.exitCode = ended.status ?? 1;
  else if (!terminal)
    process.stdout.write(`  ready     ${((Date.now() - started) / 1000).toFixed(1)} s after npm start\n`);
});
