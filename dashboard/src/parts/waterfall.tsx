import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { duration } from "../model/format";
import { hue, inSight, laneLines, treeLines, type Line } from "../model/rows";
import { bySpan, type Piece, type Tree } from "../model/spans";
import { useT } from "../state/settings";

const ROW = 26;
const HEIGHT = 620;

interface Props {
  tree: Tree;
  start_us: number;
  duration_us: number;
  critical: Piece[];
  isLanes: boolean;
  /** Words that spans must have to be marked. */
  search: string;
  open: string | null;
  onOpen: (span: string | null) => void;
}

/** Spans over time. Only the lines in sight are drawn, so that many are no burden. */
export function Waterfall({ tree, start_us, duration_us, critical, isLanes, search, open, onOpen }: Props) {
  const t = useT();
  const box = useRef<HTMLDivElement>(null);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [top, setTop] = useState(0);
  const lines = useMemo(() => (isLanes ? laneLines(tree) : treeLines(tree, closed)), [tree, isLanes, closed]);
  const pieces = useMemo(() => bySpan(critical, duration_us / 1_000), [critical, duration_us]);
  const height = Math.min(HEIGHT, lines.length * ROW + 2);
  const [first, last] = inSight(lines.length, ROW, top, height);
  const scale = (us: number) => `${(us / Math.max(duration_us, 1)) * 100}%`;
  const at = lines.findIndex((line) => line.type === "span" && line.node.span.span_id === open);

  const reveal = (index: number) => {
    const element = box.current;
    if (element === null || index < 0) return;
    if (index * ROW < element.scrollTop) element.scrollTop = index * ROW;
    else if ((index + 1) * ROW > element.scrollTop + element.clientHeight)
      element.scrollTop = (index + 1) * ROW - element.clientHeight;
  };
  useEffect(() => reveal(at), [open, isLanes]);

  const toggle = (id: string) => {
    const next = new Set(closed);
    if (!next.delete(id)) next.add(id);
    setClosed(next);
  };
  const step = (by: number) => {
    for (let i = at + by; i >= 0 && i < lines.length; i += Math.sign(by)) {
      const line = lines[i];
      if (line?.type === "span") return onOpen(line.node.span.span_id);
    }
  };
  const key = (e: KeyboardEvent) => {
    const line = lines[at];
    const id = line?.type === "span" ? line.node.span.span_id : null;
    const hasChildren = line?.type === "span" && line.node.children.length > 0;
    const actions: Record<string, () => void> = {
      ArrowDown: () => step(1),
      ArrowUp: () => step(-1),
      PageDown: () => step(Math.max(1, Math.min(20, lines.length - 1 - at))),
      PageUp: () => step(-Math.max(1, Math.min(20, at))),
      ArrowLeft: () => id !== null && hasChildren && !closed.has(id) && toggle(id),
      ArrowRight: () => id !== null && closed.has(id) && toggle(id),
      Escape: () => onOpen(null),
    };
    const action = actions[e.key];
    if (action === undefined) return;
    e.preventDefault();
    action();
  };

  const draw = (line: Line, index: number) => {
    const style = { top: `${index * ROW}px`, height: `${ROW}px` };
    if (line.type === "lane") {
      return (
        <div key={line.key} class="wf-row lane" style={style} role="row">
          <div class="wf-name">
            <b>{line.app}</b> {line.label}
          </div>
          <div class="wf-bar dim">
            {t("trace.lane", { n: line.spans, time: duration(line.busy_us) })}
          </div>
        </div>
      );
    }
    const { span, children } = line.node;
    const id = span.span_id;
    const isFound = search !== "" && `${span.name} ${span.system} ${span.peer}`.toLowerCase().includes(search);
    const left = span.start_us - start_us;
    const place = timePlace(left / Math.max(duration_us, 1), (left + span.duration_us) / Math.max(duration_us, 1));
    return (
      <div
        key={id + String(index)}
        id={`span-${id}`}
        class={`wf-row${open === id ? " open" : ""}${isFound ? " found" : ""}`}
        style={style}
        role="row"
        aria-selected={open === id}
        onClick={() => onOpen(open === id ? null : id)}
      >
        <div class="wf-name" style={{ paddingLeft: `${Math.min(line.depth, 24) * 14 + 4}px` }}>
          {!isLanes && children.length > 0 ? (
            <button
              type="button"
              class="fold"
              tabIndex={-1}
              aria-label={closed.has(id) ? t("trace.unfold") : t("trace.fold")}
              onClick={(e) => {
                e.stopPropagation();
                toggle(id);
              }}
            >
              {closed.has(id) ? "▸" : "▾"}
            </button>
          ) : (
            <span class="fold" />
          )}
          <i class={`swatch h${hue(span.app)}`} />
          <span class={span.status === "error" ? "bad" : undefined} title={span.name}>
            {span.name}
          </span>
          {line.hidden > 0 && <small class="dim"> +{line.hidden}</small>}
        </div>
        <div class="wf-bar">
          <div
            class={`span-bar h${hue(span.app)}${span.status === "error" ? " error" : ""}`}
            style={{ left: scale(left), width: scale(span.duration_us) }}
          />
          {(pieces.get(id) ?? []).map((piece) => (
            <div
              key={piece.from_us}
              class="critical"
              style={{ left: scale(piece.from_us - start_us), width: scale(piece.to_us - piece.from_us) }}
            />
          ))}
          <span
            class={`wf-time ${place}`}
            style={
              place === "after"
                ? { left: `calc(${scale(left + span.duration_us)} + 5px)` }
                : { right: `calc(100% - ${scale(place === "before" ? left : left + span.duration_us)} + 5px)` }
            }
          >
            {duration(span.duration_us)}
          </span>
        </div>
      </div>
    );
  };
  return (
    <div class="waterfall">
      <div class="wf-head">
        <div class="wf-name">{t("trace.span")}</div>
        <div class="wf-bar">
          {[0, 0.25, 0.5, 0.75, 1].map((share) => (
            <span key={share} style={{ left: `${share * 100}%` }}>
              {duration(duration_us * share)}
            </span>
          ))}
        </div>
      </div>
      <div
        ref={box}
        class="wf-body"
        style={{ height: `${height}px` }}
        tabIndex={0}
        role="grid"
        aria-label={t("trace.waterfall")}
        aria-rowcount={lines.length}
        onScroll={(e) => setTop(e.currentTarget.scrollTop)}
        onKeyDown={key}
      >
        <div class="wf-inner" style={{ height: `${lines.length * ROW}px` }}>
          {lines.slice(first, last).map((line, i) => draw(line, first + i))}
        </div>
      </div>
    </div>
  );
}

/** Where there is room for the duration of a bar: behind it, before it, or in it. */
function timePlace(begin: number, end: number): "after" | "before" | "inside" {
  if (end < 0.86) return "after";
  return begin > 0.14 ? "before" : "inside";
}
