// Every screen in both languages and themes, at 1280 and 390 pixels: is it all to be seen, is
// it to be read, does it keep to itself.
import { join } from "node:path";

import { base, check, equal, quiet, run, screenshots, SENT, settled, watched } from "./browser.mjs";

const PAGES = {
  overview: "/",
  application: "/app/shop",
  endpoint: "/app/shop/endpoint/GET%20%2Fcart%2F%24?kind=server",
  traces: "/traces?app=shop",
  trace: `/trace/${SENT.traces.order}?span=0000000000000007`,
  lanes: `/trace/${SENT.traces.order}?view=lanes`,
  topology: `/topology?edge=${encodeURIComponent("app:shop → app:stock")}`,
  statements: "/statements",
  processes: "/processes",
  leaks: "/leaks",
  agents: "/agents",
  empty: "/?from=1000&to=2000",
};

/** Relative luminance of a colour that a browser computed. */
function luminance(colour) {
  const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3).map((part) => {
    const c = Number(part) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [bright, dim] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (bright + 0.05) / (dim + 0.05);
}

/** Texts and the colour behind them, where both are plain. */
const colours = () =>
  [...document.querySelectorAll("td, th, dt, dd, p, a, button, h1, h2, code, label")]
    .filter((element) => element.innerText?.trim() && element.checkVisibility() && !element.matches(":disabled"))
    .map((element) => {
      let behind = element;
      while (behind && getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)") behind = behind.parentElement;
      return [element.innerText.slice(0, 30), getComputedStyle(element).color, getComputedStyle(behind ?? document.documentElement).backgroundColor];
    });

async function visit(page, name, path, colorScheme, width, lang) {
  const title = `${name}, ${width} px, ${colorScheme}, ${lang}`;
  await page.goto(base + path);
  await settled(page);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  check(`${title}: nothing sticks out sideways`, over <= 0 || over);
  const pale = (await page.evaluate(colours)).filter(([, ink, paper]) => contrast(ink, paper) < 4.5);
  check(`${title}: well to be read`, pale.length === 0 || pale.slice(0, 5));
  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll("button, a, input, select")]
      .filter((e) => !(e.innerText?.trim() || e.getAttribute("aria-label") || e.closest("label")?.innerText.trim()))
      .map((e) => e.outerHTML.slice(0, 80)));
  check(`${title}: every control has a name`, nameless.length === 0 || nameless);
  const isChinese = /[\u4e00-\u9fff]/.test(await page.locator("nav .items").innerText());
  check(`${title}: in its language`, isChinese === (lang === "zh-CN"));
  const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  check(`${title}: in its colours`, luminance(paper) < 0.1 === (colorScheme === "dark") || paper);
  await page.screenshot({ path: join(screenshots, `${name}-${width}-${colorScheme}-${lang}.png`), fullPage: true });
}

async function switches(browser) {
  const { context, page, watch } = await watched(browser, { colorScheme: "light" });
  await page.goto(base);
  await settled(page);
  await page.getByRole("button", { name: "中文" }).click();
  equal("switches: Chinese", "zh-CN", await page.locator("html").getAttribute("lang"));
  const theme = () => page.locator("html").getAttribute("data-theme");
  const seen = [await theme()];
  for (let i = 0; i < 3; i++) {
    await page.getByRole("button", { name: /配色/ }).click();
    seen.push(await theme());
  }
  equal("switches: system, light, dark, system", ["light", "light", "dark", "light"], seen);
  await page.reload();
  await settled(page);
  equal("switches: the language is kept", "zh-CN", await page.locator("html").getAttribute("lang"));
  quiet("switches", watch);
  await context.close();
}

run(async (browser) => {
  for (const [width, colorScheme, locale] of [[1280, "light", "en-US"], [390, "dark", "zh-CN"], [1280, "dark", "zh-CN"], [390, "light", "en-US"]]) {
    const { context, page, watch } = await watched(browser, { viewport: { width, height: 860 }, colorScheme, locale });
    for (const [name, path] of Object.entries(PAGES)) {
      await visit(page, name, path, colorScheme, width, locale).catch((e) => check(`${name}: can be visited`, String(e)));
    }
    quiet(`${width} px, ${colorScheme}, ${locale}`, watch);
    await context.close();
  }
  await switches(browser);
});
