// What the parts of the test share: checks, and a browser that watches each page.
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [modules, executablePath, base, sent, screenshots, ...rest] = process.argv.slice(2);
export const SENT = JSON.parse(sent);
export { base, rest, screenshots };

let failed = false;

/** One line for a check; `found` is true, or what was found instead. */
export function check(what, found) {
  const ok = found === true;
  console.log(`${ok ? "ok" : "not ok"} ${what}`);
  if (!ok) console.log(`# found: ${JSON.stringify(found)}`);
  failed ||= !ok;
}

export function equal(what, expected, found) {
  check(what, JSON.stringify(expected) === JSON.stringify(found) || { expected, found });
}

/** A page of its own context; what it asks for and complains of is kept. */
export async function watched(browser, options) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "en-US", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const watch = { requests: [], complaints: [] };
  page.on("request", (request) => watch.requests.push(request.url()));
  page.on("console", (message) => watch.complaints.push(message.text()));
  page.on("pageerror", (error) => watch.complaints.push(String(error)));
  return { context, page, watch };
}

/** Nothing but the agent was asked, and nothing was complained of. */
export function quiet(name, watch, but = () => false) {
  const strange = watch.requests.filter((url) => !url.startsWith(`${base}/`) && !url.startsWith(`blob:${base}`));
  check(`${name}: no request to another host`, strange.length === 0 || strange);
  const complaints = watch.complaints.filter((text) => !but(text));
  check(`${name}: a silent console`, complaints.length === 0 || complaints);
}

/** All that was asked is answered and drawn. */
export async function settled(page) {
  // A click is asked about at the next frame.
  await page.waitForTimeout(100);
  await page.waitForLoadState("networkidle");
  await page.waitForFunction(() => document.querySelector(".skeleton, .progress.on") === null);
}

export async function run(work) {
  const { chromium } = createRequire(resolve(modules, "x.js"))("playwright-core");
  // Chromium cannot build its sandbox as root.
  const args = process.getuid() === 0 ? ["--no-sandbox"] : [];
  const browser = await chromium.launch({ executablePath, args });
  try {
    await work(browser);
  } finally {
    await browser.close();
  }
  process.exit(failed ? 1 : 0);
}
