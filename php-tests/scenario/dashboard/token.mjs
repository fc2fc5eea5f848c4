// An agent that wants a token: nothing is shown before, a wrong one is refused, the right
// one is kept for the tab and nowhere else.
import { base, check, equal, quiet, rest, run, SENT, settled, watched } from "./browser.mjs";

const [token] = rest;

run(async (browser) => {
  const { context, page, watch } = await watched(browser, {});
  await page.goto(base);
  const field = page.getByRole("dialog").locator("input");
  await field.waitFor();
  equal("token: asked for, and nothing shown", 0, await page.locator("tbody tr").count());
  await field.fill("wrong");
  await field.press("Enter");
  await page.getByRole("alert").waitFor();
  check("token: a wrong one is refused, and told", await field.isVisible());
  await field.fill(token);
  await field.press("Enter");
  await page.locator("tbody tr").first().waitFor();
  equal("token: with the right one all is there", Object.keys(SENT.apps).length, await page.locator("tbody tr").count());
  equal("token: the question is gone", 0, await page.getByRole("dialog").count());
  await page.reload();
  await settled(page);
  equal("token: kept for the tab", Object.keys(SENT.apps).length, await page.locator("tbody tr").count());
  const kept = await page.evaluate(() => [JSON.stringify(localStorage), document.cookie, location.href].join());
  check("token: and kept nowhere else", !kept.includes(token));
  quiet("token", watch, (text) => text.includes("401"));
  const other = await (await watched(browser, {})).page;
  await other.goto(base);
  await other.getByRole("dialog").locator("input").waitFor();
  check("token: another session is asked again", true);
  await context.close();
});
