/** `docker top`: the container's processes in the columns of `ps -ef` or `ps aux`, read from /proc. */
import { readFileSync, statSync } from 'node:fs';
import { totalmem } from 'node:os';
import type { ContainerTop } from '../../protocol/docker';
import { EngineError } from '../error';

const ticksPerSecond = 100;
const pageSize = 4096;

interface Process {
  readonly uid: number;
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
  readonly tty: string;
  readonly cpuTicks: number;
  readonly startTicks: number;
  readonly virtualBytes: number;
  readonly residentBytes: number;
  readonly command: string;
}

/** @returns undefined for a process that ended meanwhile */
function readProcess(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const number = (at: number) => Number(fields[at]);
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0+$/, '').replaceAll('\0', ' ');
    const tty = number(4);
    return {
      uid: statSync(`/proc/${pid}`).uid,
      pid,
      parent: number(1),
      state: fields[0] ?? '?',
      tty: tty === 0 ? '?' : `pts/${tty & 0xff}`,
      cpuTicks: number(11) + number(12),
      startTicks: number(19),
      virtualBytes: number(20),
      residentBytes: number(21) * pageSize,
      command: line === '' ? `[${name}]` : line,
    };
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ESRCH'].includes(String(error.code)))
      return undefined;
    throw error;
  }
}

const two = (value: number) => String(Math.floor(value)).padStart(2, '0');

function cpuTime(ticks: number): string {
  const seconds = Math.floor(ticks / ticksPerSecond);
  return `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** Seconds since the host's start. */
const uptime = () => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);

function startTime(process: Process, up: number): string {
  const started = new Date(Date.now() - (up - process.startTicks / ticksPerSecond) * 1000);
  return `${two(started.getHours())}:${two(started.getMinutes())}`;
}

const percent = (process: Process, up: number) =>
  (100 * process.cpuTicks) / ticksPerSecond / Math.max(1, up - process.startTicks / ticksPerSecond);

/** @param insideUid turns a host id into the container's @throws EngineError 400 for columns that are not known */
export function processTable(
  pids: readonly number[],
  psArguments: string,
  insideUid: (hostUid: number) => number,
): ContainerTop {
  const words = psArguments.trim().replace(/^-/, '');
  const processes = pids.flatMap((pid) => readProcess(pid) ?? []);
  const up = uptime();
  const user = (process: Process) => (insideUid(process.uid) === 0 ? 'root' : String(insideUid(process.uid)));
  if (words === '' || words === 'ef') {
    return {
      Titles: ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'],
      Processes: processes.map((each) => [
        user(each),
        String(each.pid),
        String(each.parent),
        String(Math.floor(percent(each, up))),
        startTime(each, up),
        each.tty,
        cpuTime(each.cpuTicks),
        each.command,
      ]),
    };
  }
  if (words === 'aux') {
    return {
      Titles: ['USER', 'PID', '%CPU', '%MEM', 'VSZ', 'RSS', 'TTY', 'STAT', 'START', 'TIME', 'COMMAND'],
      Processes: processes.map((each) => [
        user(each),
        String(each.pid),
        percent(each, up).toFixed(1),
        ((100 * each.residentBytes) / totalmem()).toFixed(1),
        String(Math.floor(each.virtualBytes / 1024)),
        String(Math.floor(each.residentBytes / 1024)),
        each.tty,
        each.state,
        startTime(each, up),
        cpuTime(each.cpuTicks),
        each.command,
      ]),
    };
  }
  throw new EngineError(
    400,
    'bad-ps-arguments',
    `ps arguments ${JSON.stringify(psArguments)} are not supported: use -ef or aux`,
  );
}
