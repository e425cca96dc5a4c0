const secrets: readonly RegExp[] = [
  // Tokens of an editor server, in an address.
  /([?&](?:tkn|token|access_token)=)[^&\s"']+/gi,
  // Authorization headers and what looks like them.
  /(\b(?:bearer|basic)\s+)[\w.+/=~-]{8,}/gi,
  // JSON and key=value pairs whose name says it.
  /("?(?:password|passwd|secret|identitytoken|registrytoken|auth|x-registry-auth)"?\s*[:=]\s*"?)[^"\s,}&]+/gi,
  // user:password@host
  /(\/\/[^/\s:@]+:)[^/\s@]+(?=@)/g,
];

/** The text with everything that looks like a secret replaced: nothing else reaches the log or a message. */
export function redact(text: string): string {
  return secrets.reduce((result, pattern) => result.replace(pattern, '$1•••'), text);
}
