/** The latency heat map: four rows double the duration, a column for each step. */

import type { Point } from "../api/types";

export interface Heat {
  /** Numbers of the lowest and the highest row. */
  low: number;
  high: number;
  /** Calls by column and row; columns are those of `times`. */
  cells: Map<number, number>[];
  /** Most calls in one cell. */
  most: number;
}

/** Rows below this are one: less than 16 µs. */
const LOWEST = -64;

/** The row that ends at `upper` µs. */
export function row(upper: number): number {
  if (upper <= 0) return LOWEST;
  return Math.max(LOWEST, Math.round(Math.log2(upper / 1e6) * 4));
}

/** Upper end of a row, µs; the lower end is that of the row below. */
export function upperEnd(row: number): number {
  return 2 ** (row / 4) * 1e6;
}

export function heat(points: Point[], times: number[]): Heat {
  const column = new Map(times.map((time, at) => [time, at]));
  const cells = times.map(() => new Map<number, number>());
  let [low, high, most] = [Infinity, -Infinity, 0];
  for (const point of points) {
    const cell = cells[column.get(point.time_us / 1e6) ?? -1];
    if (cell === undefined) continue;
    for (const [upper, calls] of point.heat ?? []) {
      const at = row(upper);
      const sum = (cell.get(at) ?? 0) + calls;
      cell.set(at, sum);
      low = Math.min(low, at);
      high = Math.max(high, at);
      most = Math.max(most, sum);
    }
  }
  if (most === 0) return { low: -40, high: 0, cells, most };
  // Some room, so that a single row does not fill the picture.
  const pad = Math.max(1, Math.ceil((8 - (high - low)) / 2));
  return { low: low - pad, high: high + pad, cells, most };
}

/** Durations at which lines are drawn, µs: whole decades within the picture. */
export function marks(heat: Heat): number[] {
  const found = [];
  for (let us = 10; us <= 1e10; us *= 10) {
    if (us > upperEnd(heat.low) && us < upperEnd(heat.high)) found.push(us);
  }
  return found;
}

/** What a box over columns and rows stands for: Unix ms and µs. */
export interface Box {
  from: number;
  to: number;
  min_us: number;
  max_us: number;
}

export function boxOf(heat: Heat, times: number[], step_s: number, columns: [number, number], rows: [number, number]): Box {
  const [left, right] = columns[0] < columns[1] ? columns : [columns[1], columns[0]];
  const [bottom, top] = rows[0] < rows[1] ? rows : [rows[1], rows[0]];
  return {
    from: (times[left] ?? 0) * 1_000,
    to: ((times[right] ?? 0) + step_s) * 1_000,
    min_us: bottom <= LOWEST || bottom <= heat.low ? 0 : upperEnd(bottom - 1),
    max_us: upperEnd(top),
  };
}
