// Walks through the dashboard as its user does, by clicks, and holds every number to what
// was sent.
import { readFileSync } from "node:fs";

import { base, check, equal, quiet, run, SENT, settled, watched } from "./browser.mjs";

/** The text of a cell, by the name of its row and the number of its column. */
const cell = (page, row, column) =>
  page.locator("tbody tr", { hasText: row }).first().locator("td").nth(column);
const query = (page) => Object.fromEntries(new URL(page.url()).searchParams);

async function overview(page) {
  await page.goto(base);
  await settled(page);
  const shown = await page.locator("tbody tr").evaluateAll((rows) =>
    rows.map((row) => [row.cells[0].innerText, row.cells[2].querySelector("[title]").title, row.cells[4].innerText]));
  const expected = Object.entries(SENT.apps)
    .sort(([, a], [, b]) => b.calls - a.calls)
    .map(([app, n]) => [app, String(n.calls), String(n.errors)]);
  equal("overview: applications, calls and errors as sent, the most calls first", expected, shown);
  const all = Object.values(SENT.apps).reduce((sum, app) => sum + app.calls, 0);
  equal("overview: all calls", String(all), await page.locator(".tiles > div", { hasText: "Calls" }).getAttribute("title"));
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Infinity);
  check(`overview: painted after ${Math.round(paint)} ms`, paint < 2_000);
  check("overview: a line over time", (await page.locator(".spark .line").first().getAttribute("d")).length > 100);
}

async function application(page) {
  await page.locator("main").getByRole("link", { name: "shop" }).click();
  await settled(page);
  equal("application: its address", "/app/shop", new URL(page.url()).pathname);
  const { calls, errors } = SENT.apps.shop;
  equal("application: calls", String(calls), await page.locator(".tiles > div", { hasText: "Calls" }).getAttribute("title"));
  const success = `${Number((((calls - errors) / calls) * 100).toFixed(2))} %`;
  equal("application: success rate", success, await page.locator(".tiles > div", { hasText: "Success" }).locator("dd").innerText());
  equal("application: three charts", 3, await page.locator(".chart canvas").count());
  equal("application: status codes", String(errors), await page.locator(".bars tr", { hasText: "500" }).locator("td").nth(1).getAttribute("title"));
  const endpoints = page.locator("section", { has: page.getByRole("heading", { name: "Endpoints" }) });
  equal("application: calls of an endpoint", "3300", await cell(endpoints, "GET /cart/$", 1).innerText());
  equal("application: errors of an endpoint", "165", await cell(endpoints, "GET /cart/$", 3).innerText());
  for (const head of ["p95", "Errors", "Slowest", "Apdex", "Calls"]) {
    const column = await endpoints.locator("thead th").evaluateAll((all, text) => all.findIndex((th) => th.innerText.includes(text)), head);
    await endpoints.getByRole("button", { name: head, exact: true }).click();
    const sort = await endpoints.locator("thead th").nth(column).getAttribute("aria-sort");
    check(`application: sorts by ${head}`, sort === "descending" || sort);
  }
  await endpoints.getByRole("searchbox").fill("order");
  equal("application: the filter leaves one", 1, await endpoints.locator("tbody tr").count());
  equal("application: sort and filter are in the address", { sort: "-calls", q: "order" }, query(page));
  const waiting = page.waitForEvent("download");
  await endpoints.getByRole("button", { name: "CSV" }).click();
  const lines = readFileSync(await (await waiting).path(), "utf8").trim().split("\r\n");
  check("application: the file has head and row", lines.length === 2 && lines[1].startsWith("POST /order,1100,") || lines);
  await page.reload();
  await settled(page);
  equal("application: a reload changes nothing", 1, await endpoints.locator("tbody tr").count());
  await endpoints.getByRole("searchbox").fill("");
}

async function zoom(page) {
  const plot = page.locator(".chart .u-over").first();
  const box = await plot.boundingBox();
  await page.mouse.move(box.x + box.width * 0.3, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 40, { steps: 5 });
  await page.mouse.up();
  await settled(page);
  const { from, to } = query(page);
  const minutes = (Number(to) - Number(from)) / 60_000;
  check("zoom: dragging over a chart sets the time", Math.abs(minutes - 18) < 2 || minutes);
  const calls = Number(await page.locator(".tiles > div", { hasText: "Calls" }).getAttribute("title"));
  check("zoom: fewer calls in it", (calls > 0 && calls < SENT.apps.shop.calls) || calls);
  await page.goBack();
  await settled(page);
  equal("zoom: back is as before", String(SENT.apps.shop.calls), await page.locator(".tiles > div", { hasText: "Calls" }).getAttribute("title"));
}

async function compare(page) {
  await page.getByLabel("Comparison").selectOption("1d");
  await settled(page);
  const plot = page.locator(".chart .u-over").first();
  const box = await plot.boundingBox();
  await page.mouse.move(box.x + box.width * 0.8, box.y + 40);
  const legend = (await page.locator(".chart .u-legend").first().locator("th, td").allInnerTexts()).join(" ");
  check("compare: now and the day before", /Calls 290.*day before 145$/.test(legend) || legend);
  await page.getByLabel("Comparison").selectOption("");
  await settled(page);
}

async function endpoint(page) {
  await page.getByRole("link", { name: "GET /cart/$" }).click();
  await settled(page);
  equal("endpoint: calls", "3300", await page.locator(".tiles > div", { hasText: "Calls" }).getAttribute("title"));
  const heat = page.locator(".heat canvas");
  await heat.scrollIntoViewIfNeeded();
  const box = await heat.boundingBox();
  await page.mouse.move(box.x + 80, box.y + 4);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 6, box.y + box.height - 30, { steps: 6 });
  await page.mouse.up();
  await settled(page);
  const asked = query(page);
  equal("endpoint: a box in the heat map leads to its traces", ["/traces", "shop", "GET /cart/$"], [new URL(page.url()).pathname, asked.app, asked.endpoint]);
  check("endpoint: with times and durations", Number(asked.from) < Number(asked.to) && Number(asked.max) > 300 || asked);
  const durations = await page.locator("table.traces tbody tr td:nth-child(2)").allInnerTexts();
  check("endpoint: which are there", durations.length >= 35 || durations);
  await page.goBack();
  await settled(page);
}

async function traces(page) {
  await page.getByRole("navigation").getByRole("link", { name: "Traces" }).click();
  await settled(page);
  equal("traces: all of them", SENT.traces.total, await page.locator("table.traces tbody tr").count());
  await page.getByLabel("Status").selectOption("error");
  await settled(page);
  equal("traces: one failed", 1, await page.locator("table.traces tbody tr").count());
  await page.getByLabel("Status").selectOption("");
  await page.getByLabel("Longer than, ms").fill("1000");
  await page.getByLabel("Longer than, ms").press("Enter");
  await settled(page);
  equal("traces: one took more than a second", ["cron import"], await page.locator("table.traces tbody tr td:first-child a").allInnerTexts());
  equal("traces: the search is in the address", "1000", query(page).min);
  await page.getByLabel("Trace id").fill(SENT.traces.order);
  await page.getByRole("button", { name: "Open" }).click();
  await settled(page);
}

async function trace(page) {
  const tile = (name) => page.locator(".tiles > div", { hasText: name }).locator("dd").innerText();
  equal("trace: duration, spans, errors, applications", [`${SENT.traces.order_us / 1_000} ms`, "13", "2", "2"],
    [await tile("Duration"), await tile("Spans"), await tile("Errors"), await tile("Applications")]);
  const shares = await page.locator("section", { hasText: "Where the time went" }).locator("tbody tr").evaluateAll((rows) => rows.map((row) => row.cells[4].innerText));
  equal("trace: the payment has most of the critical path", "66.99 %", shares[0]);
  await page.locator(".wf-row", { hasText: "POST api.pay.example" }).click();
  const drawer = page.locator(".drawer");
  check("trace: a span shows its exception, as text", (await drawer.innerText()).includes("card <b>declined</b>"));
  check("trace: and its call stack", (await drawer.innerText()).includes("/srv/shop/src/Pay/Client.php:88"));
  equal("trace: the open span is in the address", "0000000000000007", query(page).span);
  await page.getByRole("grid").press("ArrowUp");
  check("trace: the keys go on to the next", (await drawer.locator("pre").innerText()).startsWith("INSERT INTO orders"));
  await page.getByRole("button", { name: "Coroutines" }).click();
  equal("trace: a lane for each coroutine", 4, await page.locator(".wf-row.lane").count());
  await page.getByRole("button", { name: "Tree" }).click();
  await page.locator(".wf-row", { hasText: "GET /stock/$" }).getByRole("button").click();
  equal("trace: what a span called can be hidden", 9, await page.locator(".wf-row").count());
}

async function long(page) {
  const begin = Date.now();
  await page.goto(`${base}/trace/${SENT.traces.long}`);
  await page.locator(".wf-row").first().waitFor();
  const opened = Date.now() - begin;
  check(`long trace: opens in less than 5 s (${opened} ms)`, opened < 5_000);
  equal("long trace: all spans", String(SENT.traces.long_spans), await page.getByRole("grid").getAttribute("aria-rowcount"));
  const nodes = await page.locator(".wf-row").count();
  check("long trace: only what is in sight is drawn", nodes < 60 || nodes);
  const slowest = await page.evaluate(async () => {
    const body = document.querySelector(".wf-body");
    let worst = 0;
    for (let i = 1; i <= 40; i++) {
      const at = performance.now();
      body.scrollTop = (body.scrollHeight * i) / 40;
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      worst = Math.max(worst, performance.now() - at);
    }
    return worst;
  });
  check(`long trace: scrolls without a stop (${Math.round(slowest)} ms at worst)`, slowest < 500);
  check("long trace: to its last span", await page.locator(`#span-${SENT.traces.long_spans.toString(16).padStart(16, "0")}`).isVisible());
}

async function topology(page) {
  await page.getByRole("navigation").getByRole("link", { name: "Topology" }).click();
  await settled(page);
  const names = await page.locator(".topology .node").evaluateAll((all) => all.map((node) => node.getAttribute("aria-label")).sort());
  equal("topology: who was sent", ["10.0.0.5:3306/shop", "10.0.0.5:3306/stock", "10.0.0.6:6379", "api.pay.example:443", "mailer", "shop", "stock", "user"], names);
  equal("topology: and who calls whom", 7, await page.locator(".topology .edge").count());
  await page.getByRole("button", { name: "shop → stock" }).focus();
  await page.keyboard.press("Enter");
  const sides = page.locator("section", { has: page.getByRole("heading", { name: /→/ }) });
  await sides.waitFor();
  const counted = await sides.locator("tbody tr").evaluateAll((rows) => rows.map((row) => [row.cells[2].innerText, row.cells[3].innerText]));
  equal("topology: an edge shows both sides", [["4400", "55"], ["4400", "55"]], counted);
  await page.locator(".topology .node.app", { hasText: "stock" }).click();
  await settled(page);
  equal("topology: a box leads to its application", "/app/stock", new URL(page.url()).pathname);
}

async function others(page) {
  const open = async (name) => {
    await page.getByRole("navigation").getByRole("link", { name }).click();
    await settled(page);
  };
  await open("Slow statements");
  await page.getByLabel("System", { exact: true }).selectOption("mysql");
  await settled(page);
  equal("statements: those of MySQL", ["INSERT orders", "SELECT product", "SELECT stock"], (await page.locator("tbody tr td:first-child").allInnerTexts()).sort());
  equal("statements: calls", "9900", await cell(page, "SELECT product", 4).innerText());
  await open("Processes");
  equal("processes: both", [["shop", "4711"], ["stock", "815"]], (await page.locator("tbody tr").evaluateAll((rows) => rows.map((row) => [row.cells[0].innerText, row.cells[2].innerText]))).sort());
  await open("Memory leaks");
  const site = page.locator(".site", { hasText: `Listener.php:${SENT.leaks.line}` }).first();
  equal("leaks: the verdict", "grows", await site.locator(".badge").first().innerText());
  check("leaks: who holds it", (await site.innerText()).includes("Listener::$seen[*]"));
  check("leaks: bytes per loop", (await site.innerText()).includes("+4 KiB per loop"));
  check("leaks: how it grew", await site.locator(".chart canvas").isVisible());
  await open("Agent");
  equal("agent: what PHP could not send", "7", await page.locator(".tiles > div", { hasText: "Not sent by PHP" }).locator("dd").innerText());
}

async function habits(page, watch) {
  await page.goto(`${base}/?refresh=5`);
  await settled(page);
  await page.evaluate(() => {
    window.blanks = 0;
    new MutationObserver(() => {
      if (document.querySelectorAll("tbody tr").length === 0) window.blanks += 1;
    }).observe(document.body, { childList: true, subtree: true });
  });
  const before = watch.requests.length;
  await page.waitForTimeout(6_500);
  check("refresh: asked again", watch.requests.length > before);
  equal("refresh: and never blank", 0, await page.evaluate(() => window.blanks));
  await page.getByLabel("Time range").selectOption("15m");
  await settled(page);
  equal("range: a preset is in the address", { refresh: "5", t: "15m" }, query(page));
  await page.getByLabel("Time range").selectOption("custom");
  await page.getByLabel("From", { exact: true }).fill("2001-02-03T04:05:06");
  await page.getByLabel("To", { exact: true }).fill("2001-02-03T05:05:06");
  await page.getByRole("button", { name: "Apply" }).click();
  await settled(page);
  check("empty: says what to do next", (await page.locator("main").innerText()).includes("tracker-agent doctor"));
}

run(async (browser) => {
  const { context, page, watch } = await watched(browser, {});
  for (const step of [overview, application, zoom, compare, endpoint, traces, trace, long, topology, others]) {
    await step(page).catch((e) => check(`${step.name}: can be walked through`, String(e)));
  }
  await habits(page, watch).catch((e) => check("habits: can be walked through", String(e)));
  quiet("walk", watch);
  await context.close();
});
