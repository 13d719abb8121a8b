// The page of Telegram's stand-in in a real browser: a person of the demo is picked, writes, presses, and reads what the bot says.
// `tests/http/telegram/page.rs` starts it beside a running system, whose address comes as JSON on the standard input.
'use strict';

const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');
const { chromium } = require('playwright-core');

const system = JSON.parse(readFileSync(0, 'utf8'));
const PATIENCE_MS = 30_000;
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--no-proxy-server', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

async function main() {
  const browser = await chromium.launch({ executablePath: system.chromium, args: FLAGS });
  const page = await browser.newPage({ viewport: { width: 360, height: 640 } });
  page.setDefaultTimeout(PATIENCE_MS);
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    if (new URL(request.url()).hostname !== '127.0.0.1') faults.push(request.url());
  });
  await page.goto(`${system.telegram_url}/_control/page`);
  await page.getByLabel('You are').selectOption(String(system.telegram_id));
  const say = async (text) => {
    await page.getByLabel('Message').fill(text);
    await page.getByRole('button', { name: 'Send' }).click();
  };
  await say('/language');
  await page.getByRole('listitem').filter({ hasText: 'Choose your language' }).waitFor();
  await page.getByRole('button', { name: 'Русский' }).click();
  await page.getByRole('status').filter({ hasText: 'Теперь я говорю с вами по-русски.' }).waitFor();
  await say('/help');
  await page.getByRole('listitem').filter({ hasText: 'Вот что я умею' }).waitFor();
  // What somebody writes stays text.
  await say('<img src=x onerror="document.title=1">');
  await page.getByRole('listitem').filter({ hasText: '<img src=x' }).first().waitFor();
  assert.equal(await page.locator('li img').count(), 0);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, 'it fits a phone');
  assert.deepEqual(faults, []);
  await browser.close();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
