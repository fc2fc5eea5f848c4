import type { Numbers } from "../api/types";
import { count, duration, percent, rate } from "../model/format";
import type { Translate } from "../i18n";
import type { Shown } from "./table";

export function apdexTone(apdex: number): "good" | "warn" | "bad" {
  return apdex >= 0.85 ? "good" : apdex >= 0.7 ? "warn" : "bad";
}

/** How bad a share of failures is. */
export function errorTone(row: { calls: number; errors: number }): "warn" | "bad" | undefined {
  if (row.errors === 0) return undefined;
  return row.errors / row.calls >= 0.05 ? "bad" : "warn";
}

export function success(row: Numbers): string {
  return percent(row.calls - row.errors, row.calls);
}

/** The columns of every table of calls. */
export function numberColumns<R extends Numbers>(t: Translate, minutes: number): Shown<R>[] {
  const time = (id: string, label: string, us: (row: R) => number): Shown<R> => ({
    id,
    label,
    value: us,
    isNumber: true,
    cell: (row) => <span class="nowrap">{duration(us(row))}</span>,
  });
  return [
    { id: "calls", label: t("calls"), value: (r) => r.calls, isNumber: true, cell: (r) => <span title={String(r.calls)}>{count(r.calls)}</span> },
    { id: "rate", label: t("perMinute"), value: (r) => r.calls / minutes, isNumber: true, cell: (r) => rate(r.calls / minutes) },
    { id: "errors", label: t("errors"), value: (r) => r.errors, isNumber: true, cell: (r) => <span class={errorTone(r)}>{count(r.errors)}</span> },
    { id: "success", label: t("success"), value: (r) => 1 - r.errors / Math.max(r.calls, 1), isNumber: true, cell: (r) => <span class={`nowrap ${errorTone(r) ?? ""}`}>{success(r)}</span> },
    time("avg", t("average"), (r) => r.avg_us),
    time("p50", "p50", (r) => r.p50_us),
    time("p95", "p95", (r) => r.p95_us),
    time("p99", "p99", (r) => r.p99_us),
    time("max", t("slowest"), (r) => r.max_us),
    { id: "slow", label: t("slow"), title: t("slow.title"), value: (r) => r.slow, isNumber: true, cell: (r) => count(r.slow) },
    { id: "timeouts", label: t("timeouts"), value: (r) => r.timeouts, isNumber: true, cell: (r) => <span class={r.timeouts > 0 ? "warn" : undefined}>{count(r.timeouts)}</span> },
    { id: "apdex", label: "Apdex", title: t("apdex.title"), value: (r) => r.apdex, isNumber: true, cell: (r) => <span class={apdexTone(r.apdex)}>{r.apdex.toFixed(2)}</span> },
    { id: "total", label: t("totalTime"), title: t("totalTime.title"), value: (r) => r.sum_us, isNumber: true, cell: (r) => <span class="nowrap">{duration(r.sum_us)}</span> },
  ];
}
