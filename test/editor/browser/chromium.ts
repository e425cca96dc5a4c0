/** Debian's Chromium, headless and quiet: nothing goes to a network but the pages that a test opens. */
import { chromium, type Browser } from 'playwright-core';

const quiet = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-sync',
  '--disable-popup-blocking',
  '--no-first-run',
  '--no-pings',
  '--metrics-recording-only',
  '--disable-dev-shm-usage',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost',
];

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['BERTH_CHROMIUM'] ?? '/usr/bin/chromium',
    headless: true,
    args: quiet,
    handleSIGINT: true,
    handleSIGTERM: true,
    handleSIGHUP: true,
  });
}
