/** The stretch of time that is looked at. */

export const PRESETS = ["15m", "1h", "3h", "6h", "12h", "24h", "3d", "7d", "30d"] as const;
export type Preset = (typeof PRESETS)[number];
export const DEFAULT_PRESET: Preset = "1h";

/** Seconds between two refreshes that can be chosen; 0 is never. */
export const REFRESHES = [0, 5, 15, 60] as const;

/** What a range can be compared with: that much earlier. */
export const COMPARISONS = ["1d", "7d"] as const;

/** Unix ms. */
export interface Range {
  from: number;
  to: number;
}

export type Choice = { preset: Preset } | { range: Range };

const UNIT_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

export function presetMs(preset: string): number {
  return Number(preset.slice(0, -1)) * (UNIT_MS[preset.slice(-1)] ?? 0);
}

/** What the address says; an hour when it says nothing that makes sense. */
export function choice(query: Record<string, string>): Choice {
  const from = Number(query["from"]);
  const to = Number(query["to"]);
  if (from > 0 && to > from) return { range: { from, to } };
  const preset = PRESETS.find((known) => known === query["t"]);
  return { preset: preset ?? DEFAULT_PRESET };
}

export function resolve(chosen: Choice, now: number): Range {
  if ("range" in chosen) return chosen.range;
  return { from: now - presetMs(chosen.preset), to: now };
}

export function refreshSeconds(query: Record<string, string>): number {
  const wanted = Number(query["refresh"]);
  return REFRESHES.find((known) => known === wanted) ?? 0;
}

/** By how much earlier the comparison is, ms; 0 without one. */
export function comparison(query: Record<string, string>): number {
  const chosen = COMPARISONS.find((known) => known === query["cmp"]);
  return chosen === undefined ? 0 : presetMs(chosen);
}

export function minutes(range: Range): number {
  return Math.max((range.to - range.from) / 60_000, 1 / 60);
}

/** What an `<input type="datetime-local">` holds, in local time. */
export function toInput(ms: number): string {
  const date = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19);
}

export function fromInput(text: string): number | null {
  const ms = new Date(text).getTime();
  return Number.isNaN(ms) ? null : ms;
}
