import type { Process } from "../api/types";
import { Card } from "../parts/card";
import { NoData, Show } from "../parts/states";
import { Table, type Shown } from "../parts/table";
import { duration, moment } from "../model/format";
import { useLoad } from "../state/load";
import { Link } from "../state/router";
import { useT } from "../state/settings";

/** PHP processes that sent something. */
export function ProcessesPage() {
  const t = useT();
  const processes = useLoad<{ processes: Process[] }>("processes", { limit: 2_000 }, true);
  const now = Date.now() * 1_000;
  const text = (id: keyof Process, label: string): Shown<Process> => ({
    id,
    label,
    value: (p) => p[id],
    isNumber: false,
  });
  return (
    <Card title={t("nav.processes")} isNamed note={t("processes.note")}>
      <Show of={processes} height={320}>
        {(data) => (
          <Table
            name="processes"
            rows={data.processes}
            rowKey={(p) => p.start_id}
            sort="-last_seen_us"
            empty={<NoData />}
            columns={[
              { id: "app", label: t("app"), value: (p: Process) => p.app, isNumber: false, cell: (p) => <Link path={["app", p.app]}>{p.app}</Link> },
              text("host", t("host")),
              { id: "pid", label: "pid", value: (p: Process) => p.pid, isNumber: true },
              text("title", t("processes.title")),
              text("sapi", "SAPI"),
              text("php", "PHP"),
              text("swoole", "Swoole"),
              text("extension", t("processes.extension")),
              { id: "uid", label: "uid", value: (p: Process) => p.uid, isNumber: true },
              { id: "started_us", label: t("processes.started"), value: (p: Process) => p.started_us, isNumber: true, cell: (p) => <span class="nowrap">{moment(p.started_us)}</span> },
              {
                id: "last_seen_us",
                label: t("processes.seen"),
                value: (p: Process) => p.last_seen_us,
                isNumber: true,
                cell: (p) => (
                  <span class="nowrap" title={moment(p.last_seen_us)}>
                    {t("ago", { time: duration(Math.max(now - p.last_seen_us, 0)) })}
                  </span>
                ),
              },
            ]}
          />
        )}
      </Show>
    </Card>
  );
}
