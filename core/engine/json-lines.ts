import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** The values of a stream with one JSON value a line (`\n` or `\r\n`); an unfinished last line is parsed as well. */
export async function* jsonLines(stream: Readable): AsyncGenerator<unknown, void, undefined> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    rest += decoder.write(chunk);
    let end: number;
    while ((end = rest.indexOf('\n')) !== -1) {
      const line = rest.slice(0, end).trim();
      rest = rest.slice(end + 1);
      if (line !== '') yield JSON.parse(line) as unknown;
    }
  }
  const last = (rest + decoder.end()).trim();
  if (last !== '') yield JSON.parse(last) as unknown;
}
