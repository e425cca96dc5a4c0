/** `npm run fuzz [-- SECONDS]`: every fuzzer of test/fuzz for that long (default 60 s each). */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap } from './lib/bootstrap.mjs';
import { Failure, run, runMain } from './lib/command.mjs';
import { dist, projectRoot } from './lib/paths.mjs';

await runMain(async () => {
  bootstrap('build');
  const seconds = Number(process.argv[2] ?? 60);
  if (!Number.isInteger(seconds) || seconds < 1)
    throw new Failure(`seconds per fuzzer must be a whole number above 0, not "${process.argv[2]}"`);
  const fuzzers = join(projectRoot, 'test', 'fuzz');
  if (!existsSync('/usr/bin/clang++'))
    throw new Failure('fuzzing needs clang with its runtime: apt-get install -y clang libclang-rt-14-dev');
  const native = join(projectRoot, 'helper-daemon', 'native');
  for (const file of readdirSync(fuzzers).filter((name) => name.endsWith('_fuzz.cc'))) {
    const name = file.replace('.cc', '');
    const out = join(dist, 'fuzz');
    const corpus = join(out, `${name}-corpus`);
    mkdirSync(corpus, { recursive: true });
    const library = ['common', 'unpack', 'network', 'runtime'].flatMap((room) =>
      readdirSync(join(native, room))
        .filter((each) => each.endsWith('.cc') && !each.endsWith('_main.cc'))
        .map((each) => join(native, room, each)),
    );
    run(`Building ${name}`, [
      'clang++',
      '-std=c++20',
      '-g',
      '-O1',
      '-D_GNU_SOURCE',
      '-fsanitize=fuzzer,address,undefined',
      `-I${native}`,
      '-o',
      join(out, name),
      join(fuzzers, file),
      ...library,
    ]);
    run(`Fuzzing ${name} for ${seconds} s`, [join(out, name), `-max_total_time=${seconds}`, corpus], {
      show: true,
    });
  }
});
