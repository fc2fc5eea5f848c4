/** Points of a series as charts want them: one for each step, gaps filled. */

import type { Numbers, Point } from "../api/types";
import type { Range } from "../state/time";

/** Begin of each step that the range touches, Unix seconds. */
export function steps(range: Range, step_s: number): number[] {
  const first = Math.floor(range.from / 1_000 / step_s) * step_s;
  const times = [];
  for (let at = first; at * 1_000 < range.to; at += step_s) times.push(at);
  return times;
}

/** A value for each step; `missing` where there were no calls. */
export function line<M extends number | null>(
  points: Point[],
  times: number[],
  value: (point: Numbers) => number | null,
  missing: M,
): (number | M | null)[] {
  const at = new Map(points.map((point) => [point.time_us / 1_000_000, point]));
  return times.map((time) => {
    const point = at.get(time);
    return point === undefined ? missing : value(point);
  });
}

/** The points of a small chart `width` by `height` as an SVG path; empty where there are none. */
export function sparkPath(values: number[], width: number, height: number): string {
  if (values.length === 0) return "";
  const top = Math.max(...values, 1e-9);
  const x = (i: number) => (values.length === 1 ? 0 : (i / (values.length - 1)) * width);
  const y = (v: number) => height - 1 - (v / top) * (height - 2);
  return values.map((v, i) => `${i === 0 ? "M" : "L"}${x(i).toFixed(1)} ${y(v).toFixed(1)}`).join("");
}
