/** Classic BPF for seccomp: a map from system call number to decision becomes a balanced tree of comparisons. */

export type ArgumentTest =
  /** Allowed unless the argument has one of these bits. */
  | { readonly kind: 'no-bits'; readonly mask: number }
  /** Allowed unless the argument is one of these. */
  | { readonly kind: 'not-in'; readonly values: readonly number[] }
  /** Allowed only if the argument is one of these. */
  | { readonly kind: 'in'; readonly values: readonly number[] };

export type Decision =
  | { readonly kind: 'allow' }
  | { readonly kind: 'errno'; readonly errno: number }
  /** Judged by the low 32 bits of one argument; EPERM when the test fails. */
  | { readonly kind: 'argument'; readonly index: number; readonly test: ArgumentTest };

export interface FilterSpec {
  /** AUDIT_ARCH_… that the numbers belong to; a call of any other architecture fails with EPERM. */
  readonly auditArch: number;
  readonly decisions: ReadonlyMap<number, Decision>;
  readonly otherwise: Decision;
  /** Numbers from here on (x32) fail with EPERM. */
  readonly limit: number;
}

interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

const op = {
  loadWord: 0x20,
  jumpEqual: 0x15,
  jumpGreaterOrEqual: 0x35,
  jumpSet: 0x45,
  jump: 0x05,
  return: 0x06,
} as const;
const offset = { number: 0, architecture: 4, arguments: 16 } as const;
const action = { allow: 0x7fff0000, errno: 0x00050000 } as const;
export const EPERM = 1;
const maxShortJump = 255;

const statement = (code: number, k: number): Instruction => ({ code, jt: 0, jf: 0, k });
const jump = (code: number, k: number, jt: number, jf: number): Instruction => ({ code, jt, jf, k });
const answer = (errno: number | undefined) =>
  statement(op.return, errno === undefined ? action.allow : action.errno | errno);

function argumentBlock(index: number, test: ArgumentTest): Instruction[] {
  const load = statement(op.loadWord, offset.arguments + index * 8);
  if (test.kind === 'no-bits')
    return [load, jump(op.jumpSet, test.mask, 0, 1), answer(EPERM), answer(undefined)];
  const [onMatch, otherwise] = test.kind === 'in' ? [undefined, EPERM] : [EPERM, undefined];
  const comparisons = test.values.map((value, at) => jump(op.jumpEqual, value, test.values.length - at, 0));
  return [load, ...comparisons, answer(otherwise), answer(onMatch)];
}

function block(decision: Decision): Instruction[] {
  if (decision.kind === 'allow') return [answer(undefined)];
  if (decision.kind === 'errno') return [answer(decision.errno)];
  return argumentBlock(decision.index, decision.test);
}

interface Piece {
  readonly from: number;
  readonly decision: Decision;
}

/** The numbers from 0 on as runs of the same decision. */
function pieces(spec: FilterSpec): Piece[] {
  const runs: Piece[] = [{ from: 0, decision: spec.decisions.get(0) ?? spec.otherwise }];
  const numbers = [...spec.decisions.keys()].sort((a, b) => a - b);
  for (const number of numbers.flatMap((at) => [at, at + 1])) {
    const decision = spec.decisions.get(number) ?? spec.otherwise;
    const last = runs.at(-1);
    if (last === undefined || number <= last.from || last.decision === decision) continue;
    runs.push({ from: number, decision });
  }
  return runs;
}

function tree(runs: readonly Piece[]): Instruction[] {
  const [only] = runs;
  if (only === undefined) return [];
  if (runs.length === 1) return block(only.decision);
  const middle = runs.length >> 1;
  const split = runs[middle]?.from ?? 0;
  const below = tree(runs.slice(0, middle));
  const above = tree(runs.slice(middle));
  const head =
    below.length <= maxShortJump
      ? [jump(op.jumpGreaterOrEqual, split, below.length, 0)]
      : [jump(op.jumpGreaterOrEqual, split, 0, 1), statement(op.jump, below.length)];
  return [...head, ...below, ...above];
}

/** @returns an array of `struct sock_filter`, ready for seccomp(2) */
export function compileFilter(spec: FilterSpec): Buffer {
  const program = [
    statement(op.loadWord, offset.architecture),
    jump(op.jumpEqual, spec.auditArch, 1, 0),
    answer(EPERM),
    statement(op.loadWord, offset.number),
    jump(op.jumpGreaterOrEqual, spec.limit, 0, 1),
    answer(EPERM),
    ...tree(pieces(spec)),
  ];
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(({ code, jt, jf, k }, at) => {
    bytes.writeUInt16LE(code, at * 8);
    bytes.writeUInt8(jt, at * 8 + 2);
    bytes.writeUInt8(jf, at * 8 + 3);
    bytes.writeUInt32LE(k >>> 0, at * 8 + 4);
  });
  return bytes;
}
