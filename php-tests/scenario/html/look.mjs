// Opens the HTML report in Chromium as a reader does, at two widths and in both
// colour schemes, and looks: is it all there, is it to be seen, does it keep to
// itself. One line "ok ..." or "not ok ..." per check.
//
//   look.mjs FOLDER-OF-NODE_MODULES CHROMIUM REPORT.html FILE:LINE FUNCTION SCREENSHOTS
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, executablePath, report, line, leaking, screenshots] = process.argv.slice(2);
const { chromium } = createRequire(resolve(modules, "x.js"))("playwright-core");
const url = pathToFileURL(resolve(report)).href;
let failed = false;

function check(what, found) {
  const ok = found === true;
  console.log(`${ok ? "ok" : "not ok"} ${what}`);
  if (!ok) console.log(`# found: ${JSON.stringify(found)}`);
  failed ||= !ok;
}

/** True, or what is wrong: hidden, of no size, or outside of the page. */
async function seen(page, locator) {
  if ((await locator.count()) === 0) return "nothing";
  const first = locator.first();
  if (!(await first.isVisible())) return "hidden";
  await first.scrollIntoViewIfNeeded();
  const box = await first.boundingBox();
  const width = page.viewportSize().width;
  return (box.width > 0 && box.height > 0 && box.x >= -0.5 && box.x + box.width <= width + 0.5) || box;
}

/** Relative luminance of a colour that a browser computed. */
function luminance(colour) {
  const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3).map((part) => {
    const c = Number(part) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

async function look(browser, width, colorScheme) {
  const name = `${width} px, ${colorScheme}`;
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  const requests = [];
  const complaints = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(url);

  const row = page.locator("table.sites tbody tr", { hasText: line }).first();
  check(`${name}: the planted line stands in the table`, await seen(page, row.locator(".place b")));
  check(`${name}: as one that grows`, (await row.locator(".badge").textContent()) === "grows");
  const card = page.locator(".leak.grows", { has: page.locator("h3", { hasText: line }) }).first();
  check(`${name}: it has a card`, await seen(page, card));
  check(`${name}: its growth chart is to be seen`, await seen(page, card.locator(".plot svg")));
  check(`${name}: with its curve`, await seen(page, card.locator(".plot .series")));
  const curve = await card.locator(".plot .series").first().boundingBox();
  check(`${name}: which climbs`, (curve?.height ?? 0) > 50 || curve);
  check(`${name}: who holds it is to be seen`, await seen(page, card.locator(".holders li").first()));
  const flame = page.locator(".flame").first();
  check(`${name}: the flame graph is to be seen`, await seen(page, flame));
  const frame = flame.locator(".frame", { hasText: leaking }).first();
  check(`${name}: with the leaking function`, await seen(page, frame.locator("rect")));

  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  check(`${name}: nothing sticks out sideways`, over <= 0 || over);
  const broken = await page.evaluate(() => {
    const words = document.evaluate("//text()[ancestor::td or ancestor::th or ancestor::dt]", document.body, null,
      XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null);
    const range = document.createRange();
    return Array.from({ length: words.snapshotLength }, (_, at) => words.snapshotItem(at)).filter((word) => {
      range.selectNodeContents(word);
      return /^[\w/-]+$/.test(word.data) && new Set([...range.getClientRects()].map((line) => line.top)).size > 1;
    }).map((word) => word.data);
  });
  check(`${name}: no word is broken`, broken.length === 0 || broken);
  const [ink, paper] = await page.evaluate(() => {
    const style = getComputedStyle(document.body);
    return [style.color, style.backgroundColor];
  });
  const isDark = luminance(paper) < 0.1;
  check(`${name}: the page is ${colorScheme}`, isDark === (colorScheme === "dark") || paper);
  const [bright, dim] = [luminance(ink), luminance(paper)].sort((a, b) => b - a);
  check(`${name}: and well to be read`, (bright + 0.05) / (dim + 0.05) > 7 || [ink, paper]);
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: join(screenshots, `${width}-${colorScheme}.png`), fullPage: true });

  // What the script adds.
  await card.locator(".plot").first().hover();
  check(`${name}: a chart tells its values`, /\d/.test((await card.locator(".tip").first().textContent()) ?? ""));
  const leaf = flame.locator(".frame", { hasText: "str_repeat" }).locator("rect").first();
  const before = await leaf.boundingBox();
  await leaf.click();
  const after = await leaf.boundingBox();
  check(`${name}: a click on a frame zooms in`, after.width > before.width || [before, after]);
  if (await page.locator("th button").first().isVisible()) {
    await page.locator("th button", { hasText: "Live" }).first().click();
    const live = await page.locator("table.sites").first().locator('td[data-label="Live"]').evaluateAll(
      (cells) => cells.map((cell) => Number(cell.dataset.value)),
    );
    check(`${name}: a click on a head sorts`, live.every((n, i) => i === 0 || live[i - 1] >= n) || live);
  }
  check(`${name}: no request but for the file`, requests.every((to) => to === url || to.startsWith("data:")) || requests);
  check(`${name}: a silent console`, complaints.length === 0 || complaints);
  await context.close();
}

// Chromium cannot build its sandbox as root.
const args = process.getuid() === 0 ? ["--no-sandbox"] : [];
const browser = await chromium.launch({ executablePath, args });
try {
  for (const width of [1280, 390]) {
    for (const scheme of ["light", "dark"]) await look(browser, width, scheme);
  }
} finally {
  await browser.close();
}
process.exit(failed ? 1 : 0);
