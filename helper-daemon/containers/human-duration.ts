/** How long ago, as `docker ps` says it. */
const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

export function humanDuration(seconds: number): string {
  const hours = Math.floor(seconds / hour + 0.5);
  if (seconds < 1) return 'Less than a second';
  if (seconds < 2) return '1 second';
  if (seconds < minute) return `${Math.floor(seconds)} seconds`;
  if (seconds < 2 * minute) return 'About a minute';
  if (seconds < hour) return `${Math.floor(seconds / minute)} minutes`;
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (seconds < 14 * day) return `${Math.floor(seconds / day)} days`;
  if (seconds < 60 * day) return `${Math.floor(seconds / (7 * day))} weeks`;
  if (seconds < 730 * day) return `${Math.floor(seconds / (30 * day))} months`;
  return `${Math.floor(seconds / (365 * day))} years`;
}
