/** Tar archives byte by byte, so that a test can also make those that no tool would make. */

export interface Member {
  readonly name: string;
  /** The type flag; default '0', a file. */
  readonly type?: string;
  readonly content?: string | Buffer;
  readonly link?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  readonly major?: number;
  readonly minor?: number;
  /** What the header claims, if not the content's length. */
  readonly size?: number;
  /** The size field's very bytes. */
  readonly rawSize?: Buffer;
  readonly pax?: Readonly<Record<string, string | Buffer>>;
  readonly wrongChecksum?: boolean;
}

const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`;

function header(member: Member, name: string, type: string, size: number): Buffer {
  const block = Buffer.alloc(512);
  block.write(name.slice(0, 100), 0, 'latin1');
  block.write(octal(member.mode ?? (type === '5' ? 0o755 : 0o644), 8), 100, 'latin1');
  block.write(octal(member.uid ?? 0, 8), 108, 'latin1');
  block.write(octal(member.gid ?? 0, 8), 116, 'latin1');
  block.write(octal(size, 12), 124, 'latin1');
  if (member.rawSize !== undefined) member.rawSize.copy(block, 124);
  block.write(octal(member.mtime ?? 1_000_000_000, 12), 136, 'latin1');
  block.write('        ', 148, 'latin1');
  block.write(type, 156, 'latin1');
  block.write((member.link ?? '').slice(0, 100), 157, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  block.write(octal(member.major ?? 0, 8), 329, 'latin1');
  block.write(octal(member.minor ?? 0, 8), 337, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0) + (member.wrongChecksum === true ? 1 : 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

const padded = (content: Buffer) =>
  Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)]);

/** One pax record; its length counts itself. */
export function paxRecord(key: string, value: string | Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

export function member(spec: Member): Buffer {
  const content = Buffer.from(spec.content ?? '');
  const parts: Buffer[] = [];
  if (spec.pax !== undefined) {
    const records = Buffer.concat(Object.entries(spec.pax).map(([key, value]) => paxRecord(key, value)));
    parts.push(header({ name: 'pax' }, 'pax', 'x', records.length), padded(records));
  }
  parts.push(header(spec, spec.name, spec.type ?? '0', spec.size ?? content.length), padded(content));
  return Buffer.concat(parts);
}

/** A member that is given as it is, e.g. an extension header with a payload of its own. */
export const extension = (type: string, payload: Buffer) =>
  Buffer.concat([header({ name: 'x' }, 'x', type, payload.length), padded(payload)]);

export const archive = (...members: (Member | Buffer)[]) =>
  Buffer.concat([
    ...members.map((each) => (Buffer.isBuffer(each) ? each : member(each))),
    Buffer.alloc(1024),
  ]);
