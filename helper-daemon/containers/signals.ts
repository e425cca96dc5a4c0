/** Signal names and numbers, as `docker kill` and `StopSignal` spell them. */
import { constants } from 'node:os';
import { EngineError } from '../error';

const realTimeBase = 34;
const realTimeLimit = 64;

/** `KILL`, `SIGKILL`, `9`, `RTMIN+3`. @throws EngineError 400 */
export function parseSignal(text: string): number {
  const invalid = () => new EngineError(400, 'bad-signal', `invalid signal: ${text}`);
  if (/^\d{1,2}$/.test(text)) {
    const number = Number(text);
    if (number < 1 || number > realTimeLimit) throw invalid();
    return number;
  }
  const name = text.toUpperCase().replace(/^SIG/, '');
  const realTime = /^RTM(IN|AX)(?:([+-])(\d{1,2}))?$/.exec(name);
  if (realTime !== null) {
    const distance = Number(realTime[3] ?? 0) * (realTime[2] === '-' ? -1 : 1);
    const number = (realTime[1] === 'IN' ? realTimeBase : realTimeLimit) + distance;
    if (number < realTimeBase || number > realTimeLimit) throw invalid();
    return number;
  }
  const number = Object.entries(constants.signals).find(([known]) => known === `SIG${name}`)?.[1];
  if (number === undefined) throw invalid();
  return number;
}
