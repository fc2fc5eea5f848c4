import type { LeakApp, LeakProcess, LeakSite, Verdict } from "../api/types";
import { Card } from "../parts/card";
import { Chart } from "../parts/chart";
import { Stack } from "../parts/drawer";
import { Empty, Show } from "../parts/states";
import { bytes, count, duration, shortPath } from "../model/format";
import { useLoad } from "../state/load";
import { useQuery } from "../state/router";
import { useT } from "../state/settings";

const TONES: Record<Verdict, string> = { grows: "bad", undecided: "warn", flat: "good", once: "good" };

/** What the leak finder says. */
export function LeaksPage() {
  const t = useT();
  const [query, setQuery] = useQuery();
  const leaks = useLoad<{ leaks: LeakApp[] }>("leaks", { app: query["app"] }, true);
  const all = useLoad<{ leaks: LeakApp[] }>("leaks", {}, true);
  return (
    <Show of={leaks} height={420}>
      {(data) =>
        data.leaks.length === 0 ? (
          <Empty title={t("empty.leaks")}>
            <p>{t("empty.leaks.how")}</p>
            <pre class="text">{"apm.enable_malloc_hook = 1\n\nfunction onRequest() {\n    trackerHookMalloc();\n    …\n}"}</pre>
          </Empty>
        ) : (
          <>
            <div class="filters one">
              <label>
                {t("app")}
                <select value={query["app"] ?? ""} onChange={(e) => setQuery({ app: e.currentTarget.value })}>
                  <option value="">{t("any")}</option>
                  {(all.data?.leaks ?? data.leaks).map((app) => (
                    <option key={app.app}>{app.app}</option>
                  ))}
                </select>
              </label>
            </div>
            {data.leaks.map((app) => (
              <App key={app.app} app={app} />
            ))}
          </>
        )
      }
    </Show>
  );
}

function Badge({ verdict }: { verdict: Verdict }) {
  const t = useT();
  return <span class={`badge ${TONES[verdict]}`}>{t(`verdict.${verdict}`)}</span>;
}

function App({ app }: { app: LeakApp }) {
  const t = useT();
  return (
    <Card title={app.app} tools={<Badge verdict={app.verdict} />} note={t("leaks.growing", { n: app.growing_sites })}>
      {app.processes.map((process) => (
        <Life key={process.start_id} process={process} />
      ))}
    </Card>
  );
}

function Life({ process }: { process: LeakProcess }) {
  const t = useT();
  const { report } = process;
  const now = Date.now() * 1_000;
  const growing = report.sites.some((site) => site.verdict === "grows");
  return (
    <details class="life" open={growing}>
      <summary>
        <b>
          {process.host} · pid {process.pid}
        </b>{" "}
        <span class="dim">
          {report.sapi} · {t("leaks.loops", { n: count(report.loops) })} ·{" "}
          {t("ago", { time: duration(Math.max(now - process.last_seen_us, 0)) })}
        </span>
      </summary>
      {report.memory.loops.length > 1 && (
        <>
          <h3>{t("leaks.memory")}</h3>
          <Chart
            label={t("leaks.memory")}
            times={report.memory.loops}
            isCounted
            height={150}
            isBytes
            format={bytes}
            lines={[
              { label: t("leaks.heap"), color: "blue", values: report.memory.heap_bytes },
              { label: t("leaks.real"), color: "amber", values: report.memory.real_bytes },
              { label: t("leaks.process"), color: "green", values: report.memory.rss_bytes },
            ]}
          />
        </>
      )}
      {report.sites.length === 0 && <p class="none">{t("leaks.none")}</p>}
      {report.sites.slice(0, 50).map((site) => (
        <Site key={`${site.file}:${site.line}:${site.function}:${site.kind}`} site={site} />
      ))}
      {report.notes.length > 0 && (
        <ul class="notes">
          {report.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </details>
  );
}

function Site({ site }: { site: LeakSite }) {
  const t = useT();
  return (
    <details class="site" open={site.verdict === "grows"}>
      <summary>
        <Badge verdict={site.verdict} />
        <code title={site.file}>
          {shortPath(site.file)}:{site.line}
        </code>
        {site.function !== null && <code class="dim">{site.function}()</code>}
        <span class="grow" />
        <span class="nowrap">{bytes(site.live_bytes)}</span>
        {site.verdict === "grows" && <span class="nowrap bad">{t("leaks.perLoop", { bytes: bytes(site.bytes_per_loop) })}</span>}
      </summary>
      <div class="site-body">
        {site.live_ring.length > 1 && (
          <Chart
            label={t("leaks.growth")}
            times={site.live_ring_loops}
            isCounted
            isFilled
            height={140}
            isBytes
            format={bytes}
            lines={[{ label: t("leaks.live"), color: site.verdict === "grows" ? "red" : "blue", values: site.live_ring }]}
          />
        )}
        <dl class="facts">
          <div>
            <dt>{t("leaks.file")}</dt>
            <dd>
              {site.file}:{site.line}
            </dd>
          </div>
          <div>
            <dt>{t("leaks.blocks")}</dt>
            <dd>{count(site.blocks)}</dd>
          </div>
          <div>
            <dt>{t("leaks.since")}</dt>
            <dd>
              #{site.first_loop} – #{site.last_loop}
            </dd>
          </div>
        </dl>
        {site.holder.length > 0 && (
          <section>
            <h3>{t("leaks.holder")}</h3>
            <ul class="holders">
              {site.holder.map((holder) => (
                <li key={holder.path}>
                  <code>{holder.path}</code> <span class="badge">{holder.kind}</span>
                  {!holder.complete && <span class="dim"> {t("leaks.incomplete")}</span>}
                </li>
              ))}
            </ul>
          </section>
        )}
        {site.stack.length > 0 && (
          <section>
            <h3>{t("trace.stack")}</h3>
            <Stack frames={site.stack} />
          </section>
        )}
      </div>
    </details>
  );
}
