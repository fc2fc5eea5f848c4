import { describe, expect, it } from "vitest";

import { bytes, count, duration, percent, rate, shortPath } from "../src/model/format";

describe("duration", () => {
  it.each([
    [0, "0"],
    [1, "1 µs"],
    [999, "999 µs"],
    [1_000, "1 ms"],
    [9_994, "9.99 ms"],
    [12_345, "12.3 ms"],
    [999_499, "999 ms"],
    [999_600, "1 s"],
    [12_500_000, "12.5 s"],
    [59_960_000, "1 min 0 s"],
    [61_000_000, "1 min 1 s"],
    [3_600_000_000, "1 h 0 min"],
    [90_000_000_000, "1 d 1 h"],
  ])("%i µs is %s", (us, text) => expect(duration(us)).toBe(text));
});

describe("count and rate", () => {
  it.each([
    [9_999, "9999"],
    [10_000, "10 k"],
    [15_950, "15.9 k"],
    [999_499, "999 k"],
    [1_234_567, "1.23 M"],
    [2e9, "2 G"],
  ])("%i is %s", (n, text) => expect(count(n)).toBe(text));
  it("keeps small rates", () => {
    expect([rate(0), rate(0.001), rate(0.25), rate(73.333), rate(358.4)]).toEqual(["0", "< 0.01", "0.25", "73.3", "358"]);
  });
});

describe("percent", () => {
  it("never says all or nothing when it is not", () => {
    expect(percent(1, 1_000_000)).toBe("< 0.01 %");
    expect(percent(999_999, 1_000_000)).toBe("> 99.99 %");
    expect(percent(0, 5)).toBe("0 %");
    expect(percent(5, 5)).toBe("100 %");
    expect(percent(0, 0)).toBe("–");
    expect(percent(275, 15_950)).toBe("1.72 %");
  });
});

describe("bytes", () => {
  it.each([
    [0, "0 B"],
    [1_023, "1023 B"],
    [4_096, "4 KiB"],
    [241_664, "236 KiB"],
    [-2_048, "−2 KiB"],
    [5 * 1024 ** 3, "5 GiB"],
    [2 * 1024 ** 4, "2 TiB"],
  ])("%i is %s", (n, text) => expect(bytes(n)).toBe(text));
});

it("shows the end of a path", () => expect(shortPath("/srv/app/src/A.php")).toBe("src/A.php"));
