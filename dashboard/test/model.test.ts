import { describe, expect, it } from "vitest";

import type { Point } from "../src/api/types";
import { en } from "../src/i18n/en";
import { zh } from "../src/i18n/zh";
import { csv } from "../src/model/csv";
import { boxOf, heat, row, upperEnd } from "../src/model/heat";
import { line, sparkPath, steps } from "../src/model/series";
import { filtered, order, sorted, toggled, type Column } from "../src/model/table";
import { choice, comparison, refreshSeconds, resolve } from "../src/state/time";
import { changed, parse, print, to } from "../src/state/url";

function point(seconds: number, more: Partial<Point> = {}): Point {
  return {
    time_us: seconds * 1e6, calls: 0, errors: 0, timeouts: 0, slow: 0, sum_us: 0, avg_us: 0, min_us: 0, max_us: 0, error_avg_us: 0,
    p50_us: 0, p75_us: 0, p90_us: 0, p95_us: 0, p99_us: 0, apdex: 1, latency: [], codes: {}, ...more,
  };
}

describe("dictionaries", () => {
  it("have the same keys", () => expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort()));
  it("have the same places for values, and no empty text", () => {
    const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const key of Object.keys(en) as (keyof typeof en)[]) {
      expect(places(zh[key]), key).toEqual(places(en[key]));
      expect(zh[key].trim() === "" || en[key].trim() === "", key).toBe(false);
    }
  });
});

describe("addresses", () => {
  it("survive there and back", () => {
    const place = { path: ["app", "a/b c", "endpoint", "GET /x/$?"], query: { t: "3h", q: "ä=&" } };
    const [path = "", search] = print(place).split("?");
    expect(parse(path, `?${search ?? ""}`)).toEqual(place);
  });
  it("keep the time from page to page, and nothing else", () => {
    const here = { path: [], query: { t: "3h", sort: "-p95", refresh: "5" } };
    expect(to(here, ["traces"], { app: "shop", endpoint: null })).toBe("/traces?t=3h&refresh=5&app=shop");
  });
  it("lose what is empty", () => expect(changed({ a: "1", b: "2" }, { a: "", b: null, c: 3 })).toEqual({ c: "3" }));
  it("do not break on a bad escape", () => expect(parse("/app/%E0%A4%A", "").path).toEqual(["app", "%E0%A4%A"]));
});

describe("time", () => {
  it("is the last hour unless said otherwise", () => {
    expect(resolve(choice({}), 7_200_000)).toEqual({ from: 3_600_000, to: 7_200_000 });
    expect(resolve(choice({ t: "nonsense" }), 7_200_000)).toEqual({ from: 3_600_000, to: 7_200_000 });
    expect(resolve(choice({ t: "15m" }), 1_000_000)).toEqual({ from: 100_000, to: 1_000_000 });
    expect(resolve(choice({ t: "15m", from: "5", to: "9" }), 1)).toEqual({ from: 5, to: 9 });
    expect(choice({ from: "9", to: "5" })).toEqual({ preset: "1h" });
  });
  it("is refreshed only as often as can be chosen", () => {
    expect([refreshSeconds({}), refreshSeconds({ refresh: "5" }), refreshSeconds({ refresh: "0.01" })]).toEqual([0, 5, 0]);
  });
});

it("is compared with a day or a week before", () => {
  expect([comparison({}), comparison({ cmp: "1d" }), comparison({ cmp: "7d" }), comparison({ cmp: "9y" })]).toEqual([0, 86_400_000, 604_800_000, 0]);
});

describe("series", () => {
  it("have a value for every step", () => {
    const times = steps({ from: 90_000, to: 300_000 }, 60);
    expect(times).toEqual([60, 120, 180, 240]);
    expect(line([point(120, { calls: 4 })], times, (p) => p.calls, 0)).toEqual([0, 4, 0, 0]);
    expect(line([point(120, { p50_us: 4 })], times, (p) => p.p50_us, null)).toEqual([null, 4, null, null]);
  });
  it("are small pictures", () => {
    expect(sparkPath([0, 2], 10, 10)).toBe("M0.0 9.0L10.0 1.0");
    expect(sparkPath([], 10, 10)).toBe("");
  });
});

describe("heat map", () => {
  it("knows the row of what the agent sends", () => {
    for (const k of [-40, -8, 0, 12]) expect(row(Math.round(upperEnd(k)))).toBe(k);
    expect(row(0)).toBe(-64);
  });
  it("counts, and a box is the calls within it", () => {
    const map = heat([point(60, { heat: [[1_000_000, 3], [2_000_000, 1]] }), point(120, { heat: [[1_000_000, 2]] })], [60, 120]);
    expect([map.most, map.cells[0]?.get(0), map.cells[0]?.get(4), map.cells[1]?.get(0)]).toEqual([3, 3, 1, 2]);
    const box = boxOf(map, [60, 120], 60, [1, 0], [4, 1]);
    expect(box).toEqual({ from: 60_000, to: 180_000, min_us: 1_000_000, max_us: 2_000_000 });
  });
});

describe("tables", () => {
  const columns: Column<{ name: string; n: number }>[] = [
    { id: "name", label: "", value: (r) => r.name, isNumber: false },
    { id: "n", label: "", value: (r) => r.n, isNumber: true },
  ];
  const rows = [{ name: "GET /b", n: 9 }, { name: "POST /a", n: 10 }];
  it("sort numbers as numbers", () => {
    expect(sorted(rows, columns, order("-n", "name")).map((r) => r.n)).toEqual([10, 9]);
    expect(sorted(rows, columns, order("", "name")).map((r) => r.name)).toEqual(["GET /b", "POST /a"]);
    expect(sorted(rows, columns, order("unknown", "name"))).toEqual(rows);
  });
  it("turn round at a second click", () => {
    const [, n] = columns;
    if (n === undefined) throw new Error("no column");
    expect(toggled(order("name", ""), n)).toBe("-n");
    expect(toggled(order("-n", ""), n)).toBe("n");
  });
  it("are filtered by all words", () => expect(filtered(rows, columns, "post A").map((r) => r.n)).toEqual([10]));
  it("are saved so that no spreadsheet runs them", () => {
    expect(csv(["a", "b"], [['x"y', "=1+1"], ["1,2", -3]])).toBe('a,b\r\n"x""y",\'=1+1\r\n"1,2",-3\r\n');
  });
});
