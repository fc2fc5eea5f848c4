import { useMemo } from "preact/hooks";

import type { Trace } from "../api/types";
import { Card, Tiles } from "../parts/card";
import { Drawer } from "../parts/drawer";
import { Empty, Show } from "../parts/states";
import { Waterfall } from "../parts/waterfall";
import { duration, moment, percent } from "../model/format";
import { hue } from "../model/rows";
import { criticalPath, tree } from "../model/spans";
import { useLoad } from "../state/load";
import { useQuery } from "../state/router";
import { useT } from "../state/settings";

/** One trace. */
export function TracePage({ id }: { id: string }) {
  const t = useT();
  const trace = useLoad<Trace>(`traces/${encodeURIComponent(id)}`, {}, true);
  if (trace.error?.status === 404) {
    return (
      <Empty title={t("trace.missing")}>
        <p>{t("trace.missing.why")}</p>
      </Empty>
    );
  }
  return (
    <Show of={trace} height={600}>
      {(data) => <View trace={data} />}
    </Show>
  );
}

function View({ trace }: { trace: Trace }) {
  const t = useT();
  const [query, setQuery] = useQuery();
  const { nodes, critical } = useMemo(() => {
    const nodes = tree(trace.spans);
    const first = nodes.roots[0];
    return { nodes, critical: first === undefined ? [] : criticalPath(first) };
  }, [trace]);
  const open = query["span"] ?? null;
  const opened = open === null ? undefined : nodes.byId.get(open);
  const isLanes = query["view"] === "lanes";
  const search = query["q"] ?? "";
  const errors = trace.spans.filter((span) => span.status === "error").length;
  const apps = [...new Set(trace.spans.map((span) => span.app))];
  const found = search === "" ? 0 : trace.spans.filter((s) => `${s.name} ${s.system} ${s.peer}`.toLowerCase().includes(search.toLowerCase())).length;
  return (
    <>
      <h1 class="trace-name">
        {nodes.roots[0]?.span.name} <small class="mono dim">{trace.trace_id}</small>
      </h1>
      {trace.partial && <p class="notice">{trace.truncated ? t("trace.truncated") : t("trace.partial")}</p>}
      <Tiles
        tiles={[
          { label: t("start"), value: moment(trace.start_us) },
          { label: t("duration"), value: duration(trace.duration_us) },
          { label: t("spans"), value: String(trace.spans.length) },
          { label: t("errors"), value: String(errors), tone: errors > 0 ? "bad" : undefined },
          { label: t("apps"), value: String(apps.length) },
        ]}
      />
      <div class={opened ? "trace with-drawer" : "trace"}>
        <Card
          title={t("trace.waterfall")}
          tools={
            <>
              <input
                type="search"
                value={search}
                placeholder={t("trace.find")}
                aria-label={t("trace.find")}
                onInput={(e) => setQuery({ q: e.currentTarget.value }, true)}
              />
              {search !== "" && <span class="dim">{found}</span>}
              <div class="switch" role="group">
                <button type="button" aria-pressed={!isLanes} onClick={() => setQuery({ view: null }, true)}>
                  {t("trace.tree")}
                </button>
                <button type="button" aria-pressed={isLanes} onClick={() => setQuery({ view: "lanes" }, true)}>
                  {t("trace.lanes")}
                </button>
              </div>
            </>
          }
        >
          <p class="legend">
            {apps.map((app) => (
              <span key={app}>
                <i class={`swatch h${hue(app)}`} /> {app}
              </span>
            ))}
            <span>
              <i class="swatch line" /> {t("trace.critical")}
            </span>
          </p>
          <Waterfall
            tree={nodes}
            start_us={trace.start_us}
            duration_us={trace.duration_us}
            critical={critical}
            isLanes={isLanes}
            search={search.toLowerCase()}
            open={open}
            onOpen={(span) => setQuery({ span }, true)}
          />
        </Card>
        {opened && (
          <Drawer
            node={opened}
            start_us={trace.start_us}
            duration_us={trace.duration_us}
            onClose={() => setQuery({ span: null }, true)}
          />
        )}
      </div>
      <SelfTimes nodes={nodes.all} total={trace.duration_us} />
    </>
  );
}

/** Where the time went: spans of a name together, by the time of their own. */
function SelfTimes({ nodes, total }: { nodes: ReturnType<typeof tree>["all"]; total: number }) {
  const t = useT();
  const sums = useMemo(() => {
    const found = new Map<string, { name: string; n: number; self: number; critical: number }>();
    for (const node of nodes) {
      const { name, app } = node.span;
      const key = `${app}\u0000${name}`;
      const sum = found.get(key) ?? { name, n: 0, self: 0, critical: 0 };
      found.set(key, { name, n: sum.n + 1, self: sum.self + node.self_us, critical: sum.critical + node.critical_us });
    }
    return [...found.entries()].sort(([, a], [, b]) => b.critical - a.critical || b.self - a.self).slice(0, 12);
  }, [nodes]);
  return (
    <Card title={t("trace.where")}>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>{t("trace.span")}</th>
              <th class="n">{t("trace.number")}</th>
              <th class="n">{t("trace.self")}</th>
              <th class="n">{t("trace.critical")}</th>
              <th class="n">{t("trace.share")}</th>
            </tr>
          </thead>
          <tbody>
            {sums.map(([key, sum]) => (
              <tr key={key}>
                <td>
                  <span class="name">{sum.name}</span>
                </td>
                <td class="n">{sum.n}</td>
                <td class="n nowrap">{duration(sum.self)}</td>
                <td class="n nowrap">{duration(sum.critical)}</td>
                <td class="n nowrap">{percent(sum.critical, total)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
