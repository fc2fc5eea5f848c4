import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import type { Topology, TopologyEdge } from "../api/types";
import { Card } from "../parts/card";
import { errorTone } from "../parts/numbers";
import { NoData, Show } from "../parts/states";
import { Table } from "../parts/table";
import { count, duration, percent, rate } from "../model/format";
import { LABEL_HEIGHT, layout, NODE_HEIGHT, NODE_WIDTH, type Drawn, type Pair } from "../model/layout";
import { useClock } from "../state/clock";
import { useLoad } from "../state/load";
import { Link, useQuery, useRouter } from "../state/router";
import { useT } from "../state/settings";
import { minutes } from "../state/time";
import { to } from "../state/url";

/** Who calls whom. */
export function TopologyPage() {
  const topology = useLoad<Topology>("topology");
  return (
    <Show of={topology} height={520}>
      {(data) => (data.nodes.length === 0 ? <NoData /> : <Picture topology={data} />)}
    </Show>
  );
}

const narrow = matchMedia("(max-width: 760px)");

function Picture({ topology }: { topology: Topology }) {
  const t = useT();
  const { range } = useClock();
  const [query, setQuery] = useQuery();
  const [isUpright, setUpright] = useState(narrow.matches);
  useEffect(() => {
    const changed = () => setUpright(narrow.matches);
    narrow.addEventListener("change", changed);
    return () => narrow.removeEventListener("change", changed);
  }, []);
  const drawn = useMemo(() => layout(topology, isUpright), [topology, isUpright]);
  const map = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Where it is wider than the window, its middle is seen first.
    if (isUpright && map.current) map.current.scrollLeft = (map.current.scrollWidth - map.current.clientWidth) / 2;
  }, [isUpright]);
  const chosen = drawn.pairs.find((pair) => pair.id === query["edge"]);
  const span = minutes(range);
  const name = (id: string) => (id === "user" ? t("topology.user") : (topology.nodes.find((node) => node.id === id)?.name ?? id));
  return (
    <>
      <Card title={t("nav.topology")} isNamed note={t("topology.help")}>
        <div ref={map} class="scroll map" tabIndex={0} role="region" aria-label={t("nav.topology")}>
          <Drawing drawn={drawn} span={span} chosen={chosen} name={name} onChoose={(pair) => setQuery({ edge: pair.id }, true)} />
        </div>
      </Card>
      {chosen && <Sides pair={chosen} span={span} name={name} />}
      <Card title={t("topology.edges")}>
        <Table
          name="topology"
          rows={topology.edges}
          rowKey={(e) => `${e.side} ${e.from} ${e.to}`}
          sort="-calls"
          columns={[
            { id: "from", label: t("topology.from"), value: (e: TopologyEdge) => name(e.from), isNumber: false },
            { id: "to", label: t("topology.to"), value: (e: TopologyEdge) => name(e.to), isNumber: false },
            { id: "side", label: t("topology.side"), value: (e: TopologyEdge) => t(`side.${e.side}`), isNumber: false },
            { id: "calls", label: t("calls"), value: (e: TopologyEdge) => e.calls, isNumber: true, cell: (e) => count(e.calls) },
            { id: "rate", label: t("perMinute"), value: (e: TopologyEdge) => e.calls / span, isNumber: true, cell: (e) => rate(e.calls / span) },
            { id: "errors", label: t("errors"), value: (e: TopologyEdge) => e.errors, isNumber: true, cell: (e) => <span class={errorTone(e)}>{count(e.errors)}</span> },
            { id: "timeouts", label: t("timeouts"), value: (e: TopologyEdge) => e.timeouts, isNumber: true },
            { id: "avg", label: t("average"), value: (e: TopologyEdge) => e.avg_us, isNumber: true, cell: (e) => <span class="nowrap">{duration(e.avg_us)}</span> },
            { id: "p95", label: "p95", value: (e: TopologyEdge) => e.p95_us, isNumber: true, cell: (e) => <span class="nowrap">{duration(e.p95_us)}</span> },
          ]}
        />
      </Card>
    </>
  );
}

interface DrawingProps {
  drawn: Drawn;
  span: number;
  chosen: Pair | undefined;
  name: (id: string) => string;
  onChoose: (pair: Pair) => void;
}

function Drawing({ drawn, span, chosen, name, onChoose }: DrawingProps) {
  const t = useT();
  const { place, go } = useRouter();
  const open = (node: Drawn["nodes"][number]) => {
    if (node.type === "app") go(to(place, ["app", node.name]));
    else if (node.type !== "user") go(to(place, ["statements"], { system: node.type, peer: node.name === node.type ? null : node.name }));
  };
  const press = (act: () => void) => (e: KeyboardEvent) => {
    if (e.key !== "Enter" && e.key !== " ") return;
    e.preventDefault();
    act();
  };
  return (
    <svg class="topology" width={drawn.width} height={drawn.height} viewBox={`0 0 ${drawn.width} ${drawn.height}`}>
      <defs>
        <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">
          <path d="M0 0 8 4 0 8Z" />
        </marker>
      </defs>
      {drawn.pairs.map((pair) => {
        const { calls, errors, p95_us } = pair.shown;
        const tone = errors === 0 ? "" : errors / calls >= 0.05 ? " bad" : " warn";
        return (
          <g
            key={pair.id}
            class={`edge${tone}${chosen?.id === pair.id ? " chosen" : ""}`}
            role="button"
            tabindex={0}
            aria-label={`${name(pair.from)} → ${name(pair.to)}: ${rate(calls / span)} ${t("perMinute")}, ${percent(errors, calls)} ${t("errors")}, p95 ${duration(p95_us)}`}
            onClick={() => onChoose(pair)}
            onKeyDown={press(() => onChoose(pair))}
          >
            <path class="reach" d={pair.path} />
            <path class="drawn" d={pair.path} stroke-width={1.2 + Math.log10(1 + calls / span) * 0.7} marker-end="url(#tip)" />
            <Label x={pair.label.x} y={pair.label.y} lines={[`${rate(calls / span)}/min${errors > 0 ? ` · ${percent(errors, calls)}` : ""}`, `p95 ${duration(p95_us)}`]} />
          </g>
        );
      })}
      {drawn.nodes.map((node) => (
        <g
          key={node.id}
          class={`node ${node.type === "app" || node.type === "user" ? node.type : "outside"}`}
          transform={`translate(${node.x - NODE_WIDTH / 2} ${node.y - NODE_HEIGHT / 2})`}
          role={node.type === "user" ? undefined : "link"}
          tabindex={node.type === "user" ? undefined : 0}
          aria-label={node.name}
          onClick={() => open(node)}
          onKeyDown={press(() => open(node))}
        >
          <rect width={NODE_WIDTH} height={NODE_HEIGHT} rx={node.type === "app" ? 9 : 22} />
          <text x={NODE_WIDTH / 2} y={19}>
            {short(node.type === "user" ? t("topology.user") : node.name)}
            <title>{node.name}</title>
          </text>
          <text class="second" x={NODE_WIDTH / 2} y={34}>
            {node.type === "app" ? t("app") : node.type === "user" ? t("topology.outside") : node.type}
          </text>
        </g>
      ))}
    </svg>
  );
}

/** The numbers of a line, on a plate as wide as they are. */
function Label({ x, y, lines }: { x: number; y: number; lines: [string, string] }) {
  const width = Math.max(lines[0].length, lines[1].length) * 6.1 + 8;
  return (
    <>
      <rect class="plate" x={x - width / 2} y={y - LABEL_HEIGHT / 2} width={width} height={LABEL_HEIGHT} rx={6} />
      <text x={x} y={y - 2}>
        {lines[0]}
      </text>
      <text class="second" x={x} y={y + 11}>
        {lines[1]}
      </text>
    </>
  );
}

function short(name: string): string {
  return name.length <= 22 ? name : `${name.slice(0, 12)}…${name.slice(-9)}`;
}

/** The two counts of a pair side by side. */
function Sides({ pair, span, name }: { pair: Pair; span: number; name: (id: string) => string }) {
  const t = useT();
  const [, setQuery] = useQuery();
  const { client, server } = pair;
  const sides = [client, server].filter((side) => side !== undefined);
  const apart = client && server && client.avg_us > server.avg_us ? client.avg_us - server.avg_us : null;
  const caller = pair.from.startsWith("app:") ? name(pair.from) : null;
  const callee = pair.to.startsWith("app:") ? name(pair.to) : null;
  return (
    <Card
      title={`${name(pair.from)} → ${name(pair.to)}`}
      tools={
        <button type="button" class="quiet" onClick={() => setQuery({ edge: null }, true)}>
          {t("close")}
        </button>
      }
    >
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>{t("topology.side")}</th>
              <th class="n">{t("perMinute")}</th>
              <th class="n">{t("calls")}</th>
              <th class="n">{t("errors")}</th>
              <th class="n">{t("average")}</th>
              <th class="n">p95</th>
            </tr>
          </thead>
          <tbody>
            {sides.map((side) => (
              <tr key={side.side}>
                <td>{t(`side.${side.side}`)}</td>
                <td class="n">{rate(side.calls / span)}</td>
                <td class="n">{count(side.calls)}</td>
                <td class="n">{count(side.errors)}</td>
                <td class="n nowrap">{duration(side.avg_us)}</td>
                <td class="n nowrap">{duration(side.p95_us)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {apart !== null && <p class="dim pad">{t("topology.between", { time: duration(apart) })}</p>}
      <p class="pad links">
        {caller !== null && <Link path={["app", caller]}>{t("trace.toApp", { app: caller })}</Link>}
        {callee !== null && <Link path={["app", callee]}>{t("trace.toApp", { app: callee })}</Link>}
        {callee === null && caller !== null && (
          <Link path={["statements"]} query={{ app: caller, peer: name(pair.to) }}>
            {t("nav.statements")}
          </Link>
        )}
      </p>
    </Card>
  );
}
