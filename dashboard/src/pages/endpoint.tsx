import type { Calls, CallRow, Series } from "../api/types";
import { Card, Tiles } from "../parts/card";
import { HeatMap } from "../parts/heatmap";
import { numberColumns } from "../parts/numbers";
import { Answers, RedCharts } from "../parts/red";
import { NoData, Show } from "../parts/states";
import { Table } from "../parts/table";
import { TraceList } from "../parts/traces";
import type { Box } from "../model/heat";
import { steps } from "../model/series";
import { useClock } from "../state/clock";
import { useLoad } from "../state/load";
import { Link, useRouter } from "../state/router";
import { useT } from "../state/settings";
import { minutes } from "../state/time";
import { to } from "../state/url";
import { isExit, numberTiles } from "./app";

/** One endpoint, or one thing that the application asks of others. */
export function EndpointPage({ app, endpoint }: { app: string; endpoint: string }) {
  const t = useT();
  const { range } = useClock();
  const { place, go } = useRouter();
  const { kind, system, peer } = place.query;
  const narrow = { app, endpoint, kind, system, peer };
  const total = useLoad<Calls>("calls", { by: "app", ...narrow });
  const series = useLoad<Series>("series", { heat: 1, ...narrow });
  const callers = useLoad<Calls>("calls", { by: "peer,system", ...narrow });
  const isOut = isExit(kind === undefined ? {} : { kind });
  const toTraces = (box: Box) =>
    go(
      to(place, ["traces"], {
        app,
        endpoint: isOut ? null : endpoint,
        t: null,
        from: box.from,
        to: box.to,
        // Spans of an outgoing call have no index: the traces of its application are shown.
        min: isOut || box.min_us === 0 ? null : round(box.min_us, Math.floor),
        max: isOut ? null : round(box.max_us, Math.ceil),
      }),
    );
  return (
    <>
      <Show of={total} height={74}>
        {({ rows }) => (rows[0] ? <Tiles tiles={numberTiles(rows[0], minutes(range), t)} /> : <NoData />)}
      </Show>
      <Show of={series} height={520}>
        {(data) => (
          <>
            <RedCharts series={data} query={narrow} />
            <Card title={t("heat.title")}>
              <HeatMap
                points={data.series[0]?.points ?? []}
                times={steps(range, data.step_s)}
                step_s={data.step_s}
                onBox={toTraces}
              />
            </Card>
          </>
        )}
      </Show>
      <Show of={total}>{({ rows }) => <Answers row={rows[0]} />}</Show>
      <Show of={callers}>
        {({ rows }) => (
          <Card title={isOut ? t("peers") : t("callers")}>
            <Table
              name={`${app}-callers`}
              prefix="c"
              isPlain
              rows={rows}
              columns={[
                { id: "peer", label: isOut ? t("peer") : t("caller"), value: (r: CallRow) => r.peer || t("caller.none"), isNumber: false },
                { id: "system", label: t("system"), value: (r: CallRow) => r.system ?? "", isNumber: false },
                ...numberColumns<CallRow>(t, minutes(range)),
              ]}
              rowKey={(r) => `${r.peer} ${r.system}`}
              sort="-calls"
              empty={<p class="none">{t("empty.calls")}</p>}
            />
          </Card>
        )}
      </Show>
      {!isOut && (
        <Card
          title={t("traces.slowest")}
          tools={
            <Link path={["traces"]} query={{ app, endpoint, t: place.query["t"] }} class="button">
              {t("traces.all")}
            </Link>
          }
        >
          <TraceList query={{ app, endpoint, sort: "duration", limit: 10 }} />
        </Card>
      )}
    </>
  );
}

/** µs as ms with as many digits as a search needs; towards the outside of the box. */
function round(us: number, to: (n: number) => number): number {
  return to(us / 10) / 100;
}
