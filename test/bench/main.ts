/** `npm run bench [-- NAME … | --runs N]`: prints a table of medians and ratios. It never fails on a time. */
import { call, startDaemon } from '../harness/daemon.ts';
import { run } from '../harness/run.ts';
import { makeBusyboxTar } from './busybox-root.ts';
import { table, type Row } from './measure.ts';
import { startDockerd } from './peer.ts';
import { rows } from './rows.ts';

const words = process.argv.slice(2);
const at = words.indexOf('--runs');
const runs = at >= 0 ? Number(words[at + 1]) : 10;
const names = words.filter((_word, index) => !(at >= 0 && (index === at || index === at + 1)));
const unknown = names.filter((name) => !(name in rows));
if (unknown.length > 0 || !Number.isInteger(runs) || runs < 1) {
  console.error(
    `unknown: ${unknown.join(' ')}; rows: ${Object.keys(rows).join(' ')}; --runs takes a whole number`,
  );
  process.exit(2);
}

const berth = await startDaemon({ logLevel: 'warn' });
const dockerd = await startDockerd();
const busybox = makeBusyboxTar();
const image = 'berth-bench/busybox:latest';
const done: Row[] = [];
try {
  for (const env of [berth.env, dockerd?.env]) {
    if (env === undefined) continue;
    const imported = await run(['docker', 'import', busybox.tar, image], { env });
    if (imported.code !== 0) throw new Error(imported.stderr);
  }
  for (const [name, measure] of Object.entries(rows)) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.error(`measuring ${name} …`);
    done.push(await measure({ berth, dockerd, image, runs }));
  }
  const { KernelVersion } = JSON.parse((await call(berth.socket, 'GET', '/version')).body) as {
    KernelVersion: string;
  };
  console.log(
    `\nLinux ${KernelVersion}; medians of ${runs}, alternating; smaller is better${dockerd ? '' : '; dockerd is not installed (apt-get install docker.io)'}\n\n${table(done)}`,
  );
} finally {
  busybox.remove();
  await berth.stop();
  await dockerd?.stop();
}
