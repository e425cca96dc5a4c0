/** Text from outside (names, commands, labels) as plain text inside a Markdown table. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+!|<>~&$-]/g, '\\$&').replace(/\s+/g, ' ');
}
