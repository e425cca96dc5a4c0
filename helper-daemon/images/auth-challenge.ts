/** `WWW-Authenticate` of a registry (RFC 9110 §11; https://distribution.github.io/distribution/spec/auth/token/). */

export type Challenge =
  | { readonly scheme: 'basic' }
  | {
      readonly scheme: 'bearer';
      readonly realm: string;
      readonly service: string | undefined;
      readonly scope: string | undefined;
    };

const maxHeaderLength = 8192;
const parameter = /([a-zA-Z][\w-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/y;

/** The challenge that we can answer: a bearer token if offered, else basic. `undefined` for anything else. */
export function parseChallenge(header: string | readonly string[] | undefined): Challenge | undefined {
  const headers = header === undefined ? [] : typeof header === 'string' ? [header] : header;
  const challenges = headers
    .filter((text) => text.length <= maxHeaderLength)
    .flatMap((text) => parseOne(text) ?? []);
  return challenges.find((challenge) => challenge.scheme === 'bearer') ?? challenges[0];
}

function parseOne(header: string): Challenge | undefined {
  const scheme = /^\s*([a-zA-Z]+)(?:\s+|$)/.exec(header);
  const name = scheme?.[1]?.toLowerCase();
  if (name === 'basic') return { scheme: 'basic' };
  if (name !== 'bearer') return undefined;
  const values = parameters(header.slice(scheme?.[0].length ?? 0));
  const realm = values.get('realm');
  if (realm === undefined) return undefined;
  return { scheme: 'bearer', realm, service: values.get('service'), scope: values.get('scope') };
}

function parameters(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (let at = 0; at < text.length;) {
    parameter.lastIndex = at;
    const found = parameter.exec(text);
    if (found === null) {
      at += 1; // separators
      continue;
    }
    const key = found[1]?.toLowerCase() ?? '';
    if (!values.has(key)) values.set(key, found[2]?.replace(/\\(.)/g, '$1') ?? found[3] ?? '');
    at = parameter.lastIndex;
  }
  return values;
}
