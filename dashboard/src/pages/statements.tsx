import type { AppRow, CallRow, Calls } from "../api/types";
import { Card } from "../parts/card";
import { numberColumns } from "../parts/numbers";
import { Empty, Show } from "../parts/states";
import { Table } from "../parts/table";
import { useClock } from "../state/clock";
import { useLoad } from "../state/load";
import { Link, useQuery } from "../state/router";
import { useT } from "../state/settings";
import { minutes } from "../state/time";

/** What applications ask of databases, caches and other services. */
export function StatementsPage() {
  const t = useT();
  const { range } = useClock();
  const [query, setQuery] = useQuery();
  const apps = useLoad<{ apps: AppRow[] }>("apps");
  const { app, system, peer } = query;
  const systems = useLoad<Calls>("calls", { by: "system", kind: "client", limit: 100 });
  const calls = useLoad<Calls>("calls", {
    by: "system,endpoint,peer,app",
    kind: "client",
    sort: "sum_us",
    limit: 1_000,
    app,
    system,
    peer,
  });
  const names = (systems.data?.rows ?? []).map((row) => row.system ?? "");
  return (
    <Card
      title={t("nav.statements")}
      isNamed
      tools={
        <>
          <select aria-label={t("system")} value={system ?? ""} onChange={(e) => setQuery({ system: e.currentTarget.value })}>
            <option value="">{t("statements.systems")}</option>
            {(system && !names.includes(system) ? [...names, system] : names).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
          <select aria-label={t("app")} value={app ?? ""} onChange={(e) => setQuery({ app: e.currentTarget.value })}>
            <option value="">{t("statements.apps")}</option>
            {(apps.data?.apps ?? []).map((row) => (
              <option key={row.app}>{row.app}</option>
            ))}
          </select>
          {peer !== undefined && (
            <button type="button" class="quiet" onClick={() => setQuery({ peer: null })}>
              {peer} ✕
            </button>
          )}
        </>
      }
    >
      <Show of={calls} height={360}>
        {({ rows, total }) => (
          <>
            {total > rows.length && <p class="notice">{t("statements.cut", { n: rows.length, total })}</p>}
            <Table
              name="statements"
              rows={rows}
              rowKey={(r) => [r.app, r.system, r.peer, r.endpoint].join("\u0000")}
              sort="-total"
              columns={[
                {
                  id: "endpoint",
                  label: t("statement"),
                  value: (r: CallRow) => r.endpoint ?? "",
                  isNumber: false,
                  cell: (r) => (
                    <Link
                      path={["app", r.app ?? "", "endpoint", r.endpoint ?? ""]}
                      query={{ kind: "client", system: r.system, peer: r.peer }}
                      class="name"
                    >
                      {r.endpoint}
                    </Link>
                  ),
                },
                { id: "system", label: t("system"), value: (r: CallRow) => r.system ?? "", isNumber: false },
                { id: "peer", label: t("peer"), value: (r: CallRow) => r.peer ?? "", isNumber: false },
                { id: "app", label: t("app"), value: (r: CallRow) => r.app ?? "", isNumber: false },
                ...numberColumns<CallRow>(t, minutes(range)),
              ]}
              empty={
                <Empty title={t("empty.statements")}>
                  <p>{t("empty.range")}</p>
                </Empty>
              }
            />
          </>
        )}
      </Show>
    </Card>
  );
}
