/** Numbers as people read them. */

/** A duration given in µs: three digits and a unit. */
export function duration(us: number): string {
  if (us <= 0) return "0";
  if (us < 1_000) return `${Math.round(us)} µs`;
  if (us < 999_500) return `${digits(us / 1_000)} ms`;
  const seconds = us / 1_000_000;
  if (seconds < 59.95) return `${digits(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3_600)} h`;
}

/** Three digits that count, no zeros behind the point that do not. */
function digits(n: number): string {
  const places = n < 9.995 ? 2 : n < 99.95 ? 1 : 0;
  return String(Number(n.toFixed(places)));
}

/** A count: whole up to 9999, then 12.3 k, 4.56 M. */
export function count(n: number): string {
  if (!Number.isInteger(n)) return digits(n);
  const size = Math.abs(n);
  if (size < 10_000) return String(n);
  if (size < 999_500) return `${digits(n / 1_000)} k`;
  if (size < 999_500_000) return `${digits(n / 1_000_000)} M`;
  return `${digits(n / 1_000_000_000)} G`;
}

/** A rate: two places when small. */
export function rate(n: number): string {
  if (n === 0) return "0";
  if (n < 0.01) return "< 0.01";
  return n < 100 ? digits(n) : count(Math.round(n));
}

/** A share of calls. Never "100 %" or "0 %" when it is not exactly that. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return "–";
  if (part === 0) return "0 %";
  if (part === whole) return "100 %";
  const share = (part / whole) * 100;
  if (share < 0.01) return "< 0.01 %";
  if (share > 99.99) return "> 99.99 %";
  return `${Number(share.toFixed(2))} %`;
}

/** Bytes, in units of 1024. */
export function bytes(n: number): string {
  const sign = n < 0 ? "−" : "";
  let size = Math.abs(n);
  if (size < 1_024) return `${sign}${Number(size.toFixed(0))} B`;
  for (const unit of ["KiB", "MiB", "GiB"]) {
    size /= 1_024;
    if (size < 1_000) return `${sign}${digits(size)} ${unit}`;
  }
  return `${sign}${digits(size / 1_024)} TiB`;
}

const two = (n: number): string => String(n).padStart(2, "0");

/** 2026-11-25 09:15:55, local time. */
export function moment(us: number): string {
  const d = new Date(us / 1_000);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${clock(us)}`;
}

/** 09:15:55, local time. */
export function clock(us: number): string {
  const d = new Date(us / 1_000);
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

/** Month and day with hour and minute, for a range that is shown. */
export function shortMoment(ms: number): string {
  const d = new Date(ms);
  return `${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}`;
}

/** The end of a path, from its last folder on. */
export function shortPath(path: string): string {
  return path.split("/").slice(-2).join("/");
}
