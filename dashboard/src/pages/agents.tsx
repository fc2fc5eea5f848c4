import type { Agent } from "../api/types";
import { Card, Tiles } from "../parts/card";
import { Show } from "../parts/states";
import { bytes, count, duration, moment } from "../model/format";
import { useLoad } from "../state/load";
import { useT } from "../state/settings";

/** The agent about itself. */
export function AgentsPage() {
  const agents = useLoad<{ agents: Agent[] }>("agents", {}, true);
  return (
    <Show of={agents} height={420}>
      {(data) => (
        <>
          {data.agents.map((agent) => (
            <One key={agent.agent_id} agent={agent} />
          ))}
        </>
      )}
    </Show>
  );
}

function One({ agent }: { agent: Agent }) {
  const t = useT();
  const lost = Object.values(agent.dropped).reduce((sum, n) => sum + n, 0);
  const unsent = agent.process_drops.reduce((sum, drop) => sum + drop.count, 0);
  const isWell = agent.journal_state === "all" && !agent.shedding;
  return (
    <>
      <Card title={agent.host} note={`tracker-agent ${agent.version}`}>
        {!isWell && <p class="trouble">{agent.journal_state === "full" ? t("agent.full") : t("agent.shed")}</p>}
        <Tiles
          tiles={[
            { label: t("agent.state"), value: isWell ? t("agent.well") : t("agent.unwell"), tone: isWell ? "good" : "bad" },
            { label: t("agent.up"), value: duration(agent.now_us - agent.started_us), title: moment(agent.started_us) },
            { label: t("agent.connections"), value: count(agent.connections) },
            { label: t("agent.queue"), value: bytes(agent.queue_bytes) },
            { label: t("agent.disk"), value: bytes(agent.store_bytes) },
            { label: t("agent.lost"), value: count(lost), tone: lost > 0 ? "warn" : undefined },
            { label: t("agent.unsent"), value: count(unsent), tone: unsent > 0 ? "warn" : undefined },
          ]}
        />
        <p class="dim pad mono">{agent.agent_id}</p>
      </Card>
      <div class="pair">
        <Card title={t("agent.files")}>
          <Pairs head={[t("agent.kind"), t("agent.size")]} rows={Object.entries(agent.files).map(([name, n]) => [name, bytes(n)])} />
        </Card>
        <Card title={t("agent.losses")}>
          <Pairs head={[t("agent.reason"), t("agent.count")]} rows={lossesFirst(agent.dropped).map(([name, n]) => [name, count(n)])} />
        </Card>
      </div>
      {agent.process_drops.length > 0 && (
        <Card title={t("agent.unsent")}>
          <Pairs
            head={[t("agent.reason"), t("agent.count")]}
            rows={agent.process_drops.map((d) => [`${d.app} · ${d.host} · ${d.reason}`, count(d.count)])}
          />
        </Card>
      )}
      {agent.corrupt_files.length > 0 && (
        <p class="trouble">
          {t("agent.corrupt")} {agent.corrupt_files.join(", ")}
        </p>
      )}
    </>
  );
}

/** What was lost before what was not. */
function lossesFirst(dropped: Record<string, number>): [string, number][] {
  return Object.entries(dropped).sort((a, b) => b[1] - a[1]);
}

function Pairs({ head, rows }: { head: [string, string]; rows: [string, string][] }) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>{head[0]}</th>
            <th class="n">{head[1]}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={name} class={value === "0" ? "dim" : undefined}>
              <td>{name}</td>
              <td class="n">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
