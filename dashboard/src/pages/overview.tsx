import type { AppRow, Series } from "../api/types";
import { Card, Tiles } from "../parts/card";
import { apdexTone, errorTone, numberColumns } from "../parts/numbers";
import { Sparkline } from "../parts/sparkline";
import { NoData, Show } from "../parts/states";
import { Table, type Shown } from "../parts/table";
import { count, duration, percent, rate } from "../model/format";
import { line, steps } from "../model/series";
import { useClock } from "../state/clock";
import { useLoad } from "../state/load";
import { Link } from "../state/router";
import { useT } from "../state/settings";
import { minutes } from "../state/time";

/** All applications. */
export function Overview() {
  const t = useT();
  const { range } = useClock();
  const apps = useLoad<{ apps: AppRow[] }>("apps");
  const series = useLoad<Series>("series", { by: "app" });
  const times = steps(range, series.data?.step_s ?? 60);
  const points = new Map(series.data?.series.map((one) => [one.app, one.points]) ?? []);
  const numbers = numberColumns<AppRow>(t, minutes(range));
  const columns: Shown<AppRow>[] = [
    {
      id: "app",
      label: t("app"),
      value: (r) => r.app,
      isNumber: false,
      cell: (r) => (
        <Link path={["app", r.app]} class="name">
          {r.app}
        </Link>
      ),
    },
    {
      id: "trend",
      label: t("trend"),
      value: (r) => r.calls,
      isNumber: false,
      cell: (r) => (
        <Sparkline label={t("chart.rate")} values={line(points.get(r.app) ?? [], times, (p) => p.calls, 0).map((v) => v ?? 0)} />
      ),
    },
    ...numbers.filter((column) => column.id !== "total"),
  ];
  return (
    <Show of={apps} height={320}>
      {({ apps: rows }) => (
        <>
          <Tiles tiles={tiles(rows, minutes(range), t)} />
          <Card title={t("nav.overview")} isNamed>
            <Table name="applications" rows={rows} columns={columns} rowKey={(r) => r.app} sort="-calls" empty={<NoData />} />
          </Card>
        </>
      )}
    </Show>
  );
}

function tiles(rows: AppRow[], minutes: number, t: ReturnType<typeof useT>) {
  const sum = (of: (row: AppRow) => number) => rows.reduce((all, row) => all + of(row), 0);
  const calls = sum((r) => r.calls);
  const errors = sum((r) => r.errors);
  const slowest = rows.reduce((most, row) => Math.max(most, row.max_us), 0);
  const apdex = calls === 0 ? 1 : sum((r) => r.apdex * r.calls) / calls;
  const isEmpty = calls === 0;
  return [
    { label: t("apps"), value: count(rows.length) },
    { label: t("calls"), value: count(calls), title: String(calls) },
    { label: t("perMinute"), value: rate(calls / minutes) },
    { label: t("success"), value: percent(calls - errors, calls), tone: errorTone({ calls, errors }) },
    { label: t("average"), value: isEmpty ? "–" : duration(sum((r) => r.sum_us) / calls) },
    { label: t("slowest"), value: isEmpty ? "–" : duration(slowest) },
    { label: t("timeouts"), value: percent(sum((r) => r.timeouts), calls) },
    { label: "Apdex", value: isEmpty ? "–" : apdex.toFixed(2), tone: isEmpty ? undefined : apdexTone(apdex) },
  ];
}
