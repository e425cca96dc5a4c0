/**
 * A tar writer whose output depends on nothing but its entries: ustar, with pax records only where a name is too long,
 * no owner names, no times but the one it is given. So an image made twice from the same files has the same digest.
 */
import { closeSync, lstatSync, openSync, readSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

const blockSize = 512;
const chunkSize = 1 << 20;
const typeFlags = { file: '0', link: '1', symlink: '2', directory: '5' };

const octal = (value, width) => value.toString(8).padStart(width - 1, '0') + '\0';

function header(name, entry, typeFlag, size, mtime) {
  const block = Buffer.alloc(blockSize);
  block.write(name, 0, 100, 'utf8');
  block.write(octal(entry.mode ?? 0o644, 8), 100);
  block.write(octal(entry.uid ?? 0, 8), 108);
  block.write(octal(entry.gid ?? 0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(mtime, 12), 136);
  block.write('        ', 148);
  block.write(typeFlag, 156);
  block.write(entry.target ?? '', 157, 100, 'utf8');
  block.write('ustar\0' + '00', 257);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(sum.toString(8).padStart(6, '0') + '\0 ', 148);
  return block;
}

const padding = (size) => Buffer.alloc((blockSize - (size % blockSize)) % blockSize);

function paxRecord(key, value) {
  const body = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(body);
  let length = bytes + String(bytes).length;
  if (bytes + String(length).length !== length) length = bytes + String(length).length;
  return `${length}${body}`;
}

/** Yields the entry's header, preceded by a pax header when its name or link target is over 100 bytes. */
function* headers(entry, size, mtime) {
  const name = entry.type === 'directory' ? `${entry.name}/` : entry.name;
  let records = '';
  if (Buffer.byteLength(name) > 100) records += paxRecord('path', name);
  if (Buffer.byteLength(entry.target ?? '') > 100) records += paxRecord('linkpath', entry.target);
  if (records !== '') {
    const body = Buffer.from(records);
    yield header('pax', { mode: 0o644 }, 'x', body.length, mtime);
    yield body;
    yield padding(body.length);
  }
  yield header(name, entry, typeFlags[entry.type], size, mtime);
}

/**
 * @param {Iterable<{name: string, type: 'file' | 'link' | 'symlink' | 'directory', mode?: number, uid?: number, gid?: number,
 *   target?: string, data?: Buffer, path?: string}>} entries names without a leading slash; a file has `data` or a `path` to read
 * @param {number} mtime Unix seconds of every entry
 * @returns {Generator<Buffer>}
 */
export function* tar(entries, mtime) {
  for (const entry of entries) {
    if (entry.type !== 'file') {
      yield* headers(entry, 0, mtime);
    } else if (entry.data !== undefined) {
      yield* headers(entry, entry.data.length, mtime);
      yield entry.data;
      yield padding(entry.data.length);
    } else {
      const size = lstatSync(entry.path).size;
      yield* headers(entry, size, mtime);
      yield* fileContent(entry.path, size);
      yield padding(size);
    }
  }
  yield Buffer.alloc(2 * blockSize);
}

function* fileContent(path, size) {
  const fd = openSync(path, 'r');
  try {
    for (let left = size; left > 0;) {
      const chunk = Buffer.allocUnsafe(Math.min(chunkSize, left));
      const read = readSync(fd, chunk, 0, chunk.length, null);
      if (read === 0) throw new Error(`${path} became shorter while it was read`);
      left -= read;
      yield chunk.subarray(0, read);
    }
  } finally {
    closeSync(fd);
  }
}

/**
 * The entries of a tree, names in byte order, hard links kept; sockets, pipes and devices are left out.
 * @param {string} root
 * @param {(name: string) => 'keep' | 'empty' | 'skip'} [judge] what to do with a name: empty = a directory without its content, or a file without bytes
 */
export function* treeEntries(root, judge = () => 'keep') {
  const seen = new Map();
  const walk = function* (directory) {
    const names = readdirSync(join(root, directory)).sort((a, b) =>
      Buffer.compare(Buffer.from(a), Buffer.from(b)),
    );
    for (const base of names) {
      const name = directory === '' ? base : `${directory}/${base}`;
      const verdict = judge(name);
      if (verdict === 'skip') continue;
      const path = join(root, name);
      const stat = lstatSync(path);
      const common = { name, mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid };
      if (stat.isDirectory()) {
        yield { ...common, type: 'directory' };
        if (verdict === 'keep') yield* walk(name);
      } else if (stat.isSymbolicLink()) {
        yield { ...common, mode: 0o777, type: 'symlink', target: readlinkSync(path) };
      } else if (stat.isFile()) {
        const first = seen.get(stat.ino);
        if (stat.nlink > 1 && first !== undefined) {
          yield { ...common, type: 'link', target: first };
        } else {
          if (stat.nlink > 1) seen.set(stat.ino, name);
          yield verdict === 'empty'
            ? { ...common, type: 'file', data: Buffer.alloc(0) }
            : { ...common, type: 'file', path };
        }
      }
    }
  };
  yield* walk('');
}
