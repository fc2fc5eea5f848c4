import type { Query } from "../api/client";
import type { CallRow, Numbers, Series } from "../api/types";
import { count, duration, percent, rate } from "../model/format";
import { line, steps } from "../model/series";
import { useClock } from "../state/clock";
import { useLoad } from "../state/load";
import { useQuery } from "../state/router";
import { useT } from "../state/settings";
import { comparison } from "../state/time";
import { Card } from "./card";
import { Chart, type Line } from "./chart";
import { useZoom } from "./range";

/** Rate, errors and durations over time. */
export function RedCharts({ series, query }: { series: Series; query: Query }) {
  const t = useT();
  const { range } = useClock();
  const zoom = useZoom();
  const points = series.series[0]?.points ?? [];
  const times = steps(range, series.step_s);
  const perMinute = 60 / series.step_s;
  const us = (value: number) => duration(value);
  const [{ cmp = "" }] = useQuery();
  const earlier = comparison({ cmp });
  // By the same steps, so that they lie above each other.
  const before = useLoad<Series>(earlier === 0 ? null : "series", { ...query, step: series.step_s }, false, earlier);
  const past = (before.data?.series[0]?.points ?? []).map((p) => ({ ...p, time_us: p.time_us + earlier * 1_000 }));
  const compared = (label: string, value: (p: Numbers) => number, missing: 0 | null): Line[] =>
    earlier === 0 ? [] : [{ label: `${label}, ${t(`cmp.${cmp as "1d" | "7d"}`)}`, color: "dim", isDashed: true, values: line(past, times, value, missing) }];
  return (
    <div class="trio">
      <Card title={t("chart.rate")} note={t("perMinute")}>
        <Chart
          label={t("chart.rate")}
          times={times}
          isFilled
          format={rate}
          onZoom={zoom}
          lines={[
            { label: t("calls"), color: "blue", values: line(points, times, (p) => p.calls * perMinute, 0) },
            ...compared(t("calls"), (p) => p.calls * perMinute, 0),
          ]}
        />
      </Card>
      <Card title={t("chart.errors")} note="%">
        <Chart
          label={t("chart.errors")}
          times={times}
          isFilled
          format={(n) => `${Number(n.toFixed(2))} %`}
          onZoom={zoom}
          lines={[
            { label: t("errors"), color: "red", values: line(points, times, (p) => (p.errors / Math.max(p.calls, 1)) * 100, null) },
            ...compared(t("errors"), (p) => (p.errors / Math.max(p.calls, 1)) * 100, null),
          ]}
        />
      </Card>
      <Card title={t("chart.duration")}>
        <Chart
          label={t("chart.duration")}
          times={times}
          format={us}
          onZoom={zoom}
          lines={[
            { label: "p50", color: "green", values: line(points, times, (p) => p.p50_us, null) },
            { label: "p95", color: "amber", values: line(points, times, (p) => p.p95_us, null) },
            { label: "p99", color: "red", values: line(points, times, (p) => p.p99_us, null) },
            { label: t("average"), color: "blue", isDashed: true, values: line(points, times, (p) => p.avg_us, null) },
            ...compared("p95", (p) => p.p95_us, null),
          ]}
        />
      </Card>
    </div>
  );
}

const LATENCY = ["< 5 ms", "5–10 ms", "10–50 ms", "50–100 ms", "100–200 ms", "200–500 ms", "500 ms–1 s", "> 1 s"];

/** Rows of bars with their share. */
export function Bars({ rows, empty }: { rows: { label: string; value: number; tone?: string }[]; empty: string }) {
  const sum = rows.reduce((all, row) => all + row.value, 0);
  if (sum === 0) return <p class="none">{empty}</p>;
  return (
    <table class="bars">
      <tbody>
        {rows.map((row) => (
          <tr key={row.label}>
            <th scope="row">{row.label}</th>
            <td class="track">
              {row.value > 0 && <span class={row.tone} style={{ width: `${(row.value / sum) * 100}%` }} />}
            </td>
            <td class="n" title={String(row.value)}>
              {count(row.value)}
            </td>
            <td class="n dim">{percent(row.value, sum)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** How calls were answered, and how soon. */
export function Answers({ row }: { row: CallRow | undefined }) {
  const t = useT();
  return (
    <div class="pair">
      <Card title={t("codes")}>
        <CodeBars codes={row?.codes ?? {}} />
      </Card>
      <Card title={t("latency")}>
        <LatencyBars latency={row?.latency ?? []} />
      </Card>
    </div>
  );
}

/** How long calls took, in the original's eight classes. */
function LatencyBars({ latency }: { latency: number[] }) {
  const t = useT();
  return <Bars empty={t("empty.calls")} rows={LATENCY.map((label, i) => ({ label, value: latency[i] ?? 0 }))} />;
}

/** Status codes, the most frequent first. */
function CodeBars({ codes }: { codes: Record<string, number> }) {
  const t = useT();
  const tone = (code: string) => (code.startsWith("5") ? "bad" : code.startsWith("4") ? "warn" : "good");
  const rows = Object.entries(codes).map(([label, value]) => ({ label, value, tone: tone(label) }));
  return <Bars empty={t("empty.codes")} rows={rows.sort((a, b) => b.value - a.value)} />;
}
