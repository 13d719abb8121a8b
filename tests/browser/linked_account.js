// A person's browser on a phone goes the whole way of a linked account: the bot's button, the provider's consent page, our
// callback, Telegram. `tests/http/connections/browser.rs` starts it beside a running system, whose addresses come as JSON on
// the standard input. The first thing that is not so ends it with a failure.
'use strict';

const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');
const { chromium } = require('playwright-core');

const system = JSON.parse(readFileSync(0, 'utf8'));
const BOT = `https://t.me/${system.bot_username}`;
// The narrowest phone that is still sold, in CSS pixels.
const PHONE = { width: 320, height: 568 };
// Of one step, on a machine that is busy with other tests.
const PATIENCE_MS = 30_000;
// The browser's own traffic is switched off, and no name but loopback's leads anywhere.
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--no-proxy-server', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

async function json(url, options) {
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS), ...options });
  assert.ok(response.ok, `${url}: ${response.status} ${await response.clone().text()}`);
  return response.json();
}

// What the bot has said, oldest first, after the person has said this.
async function say(text) {
  const control = `${system.telegram_url}/_control`;
  const said = await json(`${control}/people/${system.telegram_id}/message`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ text }),
  });
  assert.equal(said.webhook_status, 200, JSON.stringify(said));
  const { messages } = await json(`${control}/chats/${system.telegram_id}`);
  return messages.filter((message) => message.from === 'bot');
}

const own = (path, method) =>
  json(`${system.base_url}${path}`, { method, headers: { authorization: `Bearer ${system.access_token}` } });

const begun = async () => (await own('/api/v1/connections/spotify/authorize', 'POST')).authorize_url;

// Notes every request of the page and every cookie it is given. Telegram is played here; elsewhere nobody may go. Playwright's
// own routes do not see where a redirect leads, the browser's protocol does.
async function watched(context, page) {
  const seen = { elsewhere: [], telegram: [], cookies: [] };
  const browser = await context.newCDPSession(page);
  // The page may have gone on, and its request with it.
  const answer = (how, what) => browser.send(`Fetch.${how}`, what).catch(() => {});
  browser.on('Fetch.requestPaused', ({ requestId, request, resourceType }) => {
    const { protocol, hostname } = new URL(request.url);
    if (hostname === '127.0.0.1') return answer('continueRequest', { requestId });
    if (protocol !== 'https:' || hostname !== 't.me') {
      seen.elsewhere.push(request.url);
      return answer('failRequest', { requestId, errorReason: 'BlockedByClient' });
    }
    if (resourceType === 'Document') seen.telegram.push(request);
    const body = Buffer.from('<!doctype html><title>Telegram</title>').toString('base64');
    const responseHeaders = [{ name: 'content-type', value: 'text/html' }];
    return answer('fulfillRequest', { requestId, responseCode: 200, responseHeaders, body });
  });
  await browser.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] });
  page.on('response', async (response) => {
    if (await response.headerValue('set-cookie').catch(() => null)) seen.cookies.push(response.url());
  });
  return seen;
}

// The address and status of each stop on the way to where the browser is, without queries.
async function way(response) {
  const stops = [];
  for (let request = response.request(); request; request = request.redirectedFrom()) {
    stops.unshift(`${request.method()} ${request.url().split('?')[0]} ${(await request.response()).status()}`);
  }
  return stops;
}

// The person decides on the consent page; the last answer of the redirect chain.
async function decide(page, authorizeUrl, decision) {
  await page.goto(authorizeUrl);
  assert.match(await page.innerText('h1'), /spotify/i);
  const arrived = page.waitForResponse((response) =>
    response.request().isNavigationRequest() && ![302, 303].includes(response.status()));
  await page.getByRole('button', { name: decision }).click();
  const response = await arrived;
  await page.waitForURL((url) => url.href === response.url());
  return response;
}

// A page for a person: words to read, a way on, nothing that only a program wants, nothing to be pushed sideways.
async function readable(page, response, words) {
  assert.equal(response.status(), 400);
  assert.match(response.headers()['content-type'], /^text\/html/);
  const text = await page.innerText('body');
  assert.ok(text.includes(words), `${words}: ${text}`);
  assert.doesNotMatch(text, /[{}<>]|https?:|\bat \S+:\d+/, 'words alone');
  for (const [name, value] of new URL(page.url()).searchParams) {
    assert.ok(name.startsWith('error') || !text.includes(value), `${name} is shown: ${text}`);
  }
  assert.equal(await page.locator('h1').count(), 1);
  assert.ok((await page.title()).length > 0);
  const shown = await page.evaluate(() => ({
    lang: document.documentElement.lang,
    letters: parseFloat(getComputedStyle(document.querySelector('p')).fontSize),
    width: Math.max(document.documentElement.scrollWidth, document.body.scrollWidth),
    kept: localStorage.length + sessionStorage.length,
  }));
  assert.equal(shown.lang, 'en');
  assert.ok(shown.letters >= 16, `${shown.letters} px`);
  assert.ok(shown.width <= PHONE.width, `${page.url()} is ${shown.width} px wide`);
  assert.equal(shown.kept, 0);
}

async function approve(page, seen) {
  const url = (await say('/login spotify')).at(-1).buttons[0][0].url;
  const response = await decide(page, url, 'Approve');
  assert.deepEqual(await way(response), [
    `POST ${system.oauth_url}/spotify/authorize 303`, `GET ${system.base_url}/spotify/callback 302`, `GET ${BOT} 200`,
  ]);
  const code = page.url().slice(`${BOT}?start=`.length);
  assert.match(code, /^[A-Za-z0-9_-]{20,64}$/);
  assert.equal(page.url(), `${BOT}?start=${code}`);
  assert.deepEqual(seen.telegram.map((request) => request.url), [page.url()]);
  assert.deepEqual((await own('/api/v1/connections', 'GET')).connections, [], 'nothing is alive before the person is back');
  assert.match((await say(`/start ${code}`)).at(-1).text, /connected/);
  const { connections } = await own('/api/v1/connections', 'GET');
  assert.deepEqual(connections.map(({ provider, status }) => [provider, status]), [['spotify', 'healthy']]);
  return response.request().redirectedFrom().url();
}

// The button of a refusal leads back, and Telegram is not told where from.
async function wayBack(page, seen) {
  await page.getByRole('link', { name: 'Back to Telegram' }).click();
  await page.waitForURL(BOT);
  const { headers } = seen.telegram.at(-1);
  assert.doesNotMatch(JSON.stringify(headers), /callback|state=|code=/);
}

async function main(browser) {
  const context = await browser.newContext({ viewport: PHONE, isMobile: true, hasTouch: true });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const seen = await watched(context, page);

  const callback = await approve(page, seen);
  await readable(page, await page.goto(callback), 'Invalid or expired state');
  await wayBack(page, seen);

  const denied = await decide(page, await begun(), 'Deny');
  assert.equal(denied.url().split('?')[0], `${system.base_url}/spotify/callback`);
  await readable(page, denied, 'OAuth cancelled: access_denied');
  await wayBack(page, seen);

  const long = `${system.base_url}/spotify/callback?error=${'access_denied_'.repeat(20)}`;
  await readable(page, await page.goto(long), 'OAuth cancelled: access_denied_');

  assert.deepEqual(seen.elsewhere, []);
  assert.deepEqual(seen.cookies, []);
  assert.deepEqual(await context.storageState({ indexedDB: true }), { cookies: [], origins: [] });
}

(async () => {
  const browser = await chromium.launch({ executablePath: system.chromium, args: FLAGS, timeout: PATIENCE_MS });
  try {
    await main(browser);
  } finally {
    await browser.close();
  }
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
