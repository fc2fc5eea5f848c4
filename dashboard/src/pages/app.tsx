import type { CallRow, Calls, EndpointRow, Numbers, Series } from "../api/types";
import { Card, Tiles } from "../parts/card";
import { apdexTone, errorTone, numberColumns, success } from "../parts/numbers";
import { Answers, RedCharts } from "../parts/red";
import { NoData, Show } from "../parts/states";
import { Table, type Shown } from "../parts/table";
import { count, duration, percent, rate } from "../model/format";
import type { Translate } from "../i18n";
import { useClock } from "../state/clock";
import { useLoad } from "../state/load";
import { Link } from "../state/router";
import { useT } from "../state/settings";
import { minutes } from "../state/time";

/** One application. */
export function AppPage({ app }: { app: string }) {
  const t = useT();
  const { range } = useClock();
  const span = minutes(range);
  const total = useLoad<Calls>("calls", { by: "app", app });
  const series = useLoad<Series>("series", { app });
  // By endpoint alone: `apps/{app}/endpoints` tells callers apart as well.
  const endpoints = useLoad<Calls>("calls", { by: "endpoint,kind", app, limit: 10_000 });
  const all = useLoad<{ endpoints: EndpointRow[] }>(`apps/${encodeURIComponent(app)}/endpoints`);
  const hosts = useLoad<Calls>("calls", { by: "host", app });
  return (
    <>
      <Show of={total} height={74}>
        {({ rows }) => (rows[0] ? <Tiles tiles={numberTiles(rows[0], span, t)} /> : <NoData />)}
      </Show>
      <Show of={series} height={250}>
        {(data) => <RedCharts series={data} query={{ app }} />}
      </Show>
      <Show of={endpoints} height={280}>
        {({ rows }) => (
          <Card title={t("endpoints")}>
            <Table
              name={`${app}-endpoints`}
              rows={rows}
              columns={endpointColumns(app, span, t)}
              rowKey={(r) => `${r.kind} ${r.endpoint}`}
              sort="-calls"
              empty={<p class="none">{t("empty.calls")}</p>}
            />
          </Card>
        )}
      </Show>
      <Show of={all} height={200}>
        {(data) => (
          <Card title={t("outgoing")}>
            <Table
              name={`${app}-calls`}
              prefix="o"
              rows={data.endpoints.filter(isExit)}
              columns={outgoingColumns(app, span, t)}
              rowKey={(r) => [r.kind, r.system, r.peer, r.endpoint].join(" ")}
              sort="-total"
              empty={<p class="none">{t("empty.outgoing")}</p>}
            />
          </Card>
        )}
      </Show>
      <Show of={total}>{({ rows }) => <Answers row={rows[0]} />}</Show>
      <Show of={hosts}>
        {({ rows }) => (
          <Card title={t("instances")}>
            <Table
              name={`${app}-instances`}
              prefix="h"
              isPlain
              rows={rows}
              columns={[
                { id: "host", label: t("host"), value: (r: CallRow) => r.host ?? "", isNumber: false },
                ...numberColumns<CallRow>(t, span),
              ]}
              rowKey={(r) => r.host ?? ""}
              sort="-calls"
              empty={<p class="none">{t("empty.calls")}</p>}
            />
          </Card>
        )}
      </Show>
    </>
  );
}

export function isExit(row: { kind?: string }): boolean {
  return row.kind === "client" || row.kind === "producer";
}

function endpointColumns(app: string, span: number, t: Translate): Shown<CallRow>[] {
  return [
    {
      id: "endpoint",
      label: t("endpoint"),
      value: (r) => r.endpoint ?? "",
      isNumber: false,
      cell: (r) => (
        <Link path={["app", app, "endpoint", r.endpoint ?? ""]} query={{ kind: r.kind }} class="name">
          {r.endpoint}
        </Link>
      ),
    },
    ...numberColumns<CallRow>(t, span),
  ];
}

function outgoingColumns(app: string, span: number, t: Translate): Shown<EndpointRow>[] {
  return [
    {
      id: "endpoint",
      label: t("statement"),
      value: (r) => r.endpoint,
      isNumber: false,
      cell: (r) => (
        <Link
          path={["app", app, "endpoint", r.endpoint]}
          query={{ kind: r.kind, system: r.system, peer: r.peer }}
          class="name"
        >
          {r.endpoint}
        </Link>
      ),
    },
    { id: "system", label: t("system"), value: (r) => r.system, isNumber: false },
    { id: "peer", label: t("peer"), value: (r) => r.peer, isNumber: false },
    ...numberColumns<EndpointRow>(t, span),
  ];
}

/** The numbers of an application or an endpoint in short. */
export function numberTiles(row: Numbers, span: number, t: Translate) {
  return [
    { label: t("calls"), value: count(row.calls), title: String(row.calls) },
    { label: t("perMinute"), value: rate(row.calls / span) },
    { label: t("success"), value: success(row), tone: errorTone(row) },
    { label: t("average"), value: duration(row.avg_us) },
    { label: "p50", value: duration(row.p50_us) },
    { label: "p95", value: duration(row.p95_us) },
    { label: "p99", value: duration(row.p99_us) },
    { label: t("timeouts"), value: percent(row.timeouts, row.calls), tone: row.timeouts > 0 ? ("warn" as const) : undefined },
    { label: "Apdex", value: row.apdex.toFixed(2), tone: apdexTone(row.apdex) },
  ];
}
