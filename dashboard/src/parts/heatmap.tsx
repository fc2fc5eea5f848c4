import { useEffect, useRef, useState } from "preact/hooks";

import type { Point } from "../api/types";
import { clock, duration, shortMoment } from "../model/format";
import { boxOf, heat, marks, upperEnd, type Box } from "../model/heat";
import { useSettings } from "../state/settings";

interface Props {
  points: Point[];
  times: number[];
  step_s: number;
  /** Called with the box that was dragged, or the cell that was clicked. */
  onBox: (box: Box) => void;
}

const LEFT = 62;
const BOTTOM = 22;
const HEIGHT = 240;

/** Calls by time and duration. */
export function HeatMap({ points, times, step_s, onBox }: Props) {
  const { t, isDark } = useSettings();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(600);
  const [drag, setDrag] = useState<{ from: [number, number]; to: [number, number] } | null>(null);
  const [tip, setTip] = useState("");
  const map = heat(points, times);
  const rows = map.high - map.low + 1;
  const cell = [(width - LEFT) / Math.max(times.length, 1), (HEIGHT - BOTTOM) / rows] as const;

  useEffect(() => {
    const element = canvas.current?.parentElement;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(Math.max(element.clientWidth, 200)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    const scale = devicePixelRatio || 1;
    element.width = Math.round(width * scale);
    element.height = Math.round(HEIGHT * scale);
    context.scale(scale, scale);
    const style = getComputedStyle(document.documentElement);
    const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const y = (at: number) => HEIGHT - BOTTOM - (at - map.low + 1) * cell[1];
    context.clearRect(0, 0, width, HEIGHT);
    context.font = "11px system-ui, sans-serif";
    context.textBaseline = "middle";
    context.fillStyle = color("dim");
    context.strokeStyle = color("line");
    for (const us of marks(map)) {
      const at = Math.round(y(Math.log2(us / 1e6) * 4)) + 0.5;
      context.beginPath();
      context.moveTo(LEFT, at);
      context.lineTo(width, at);
      context.stroke();
      context.textAlign = "right";
      context.fillText(duration(us), LEFT - 8, at);
    }
    const every = Math.max(1, Math.ceil(80 / Math.max(cell[0], 0.1)));
    const isLong = times.length * step_s > 86_400;
    context.textAlign = "center";
    for (let i = Math.floor(every / 2); i < times.length; i += every) {
      const at = times[i] ?? 0;
      const text = isLong ? shortMoment(at * 1_000) : clock(at * 1e6).slice(0, 5);
      context.fillText(text, LEFT + i * cell[0], HEIGHT - 8);
    }
    context.fillStyle = color("blue");
    map.cells.forEach((column, i) => {
      for (const [at, calls] of column) {
        // The logarithm lets a single slow call be seen beside thousands.
        context.globalAlpha = 0.16 + 0.84 * (Math.log1p(calls) / Math.log1p(map.most));
        context.fillRect(LEFT + i * cell[0], y(at), Math.max(cell[0] - 0.6, 0.8), Math.max(cell[1] - 0.6, 0.8));
      }
    });
    context.globalAlpha = 1;
  }, [points, times, width, isDark]);

  const place = (e: PointerEvent): [number, number] => {
    const box = canvas.current?.getBoundingClientRect();
    const x = e.clientX - (box?.left ?? 0) - LEFT;
    const y = HEIGHT - BOTTOM - (e.clientY - (box?.top ?? 0));
    const clamp = (n: number, most: number) => Math.min(Math.max(Math.floor(n), 0), most);
    return [clamp(x / cell[0], times.length - 1), map.low + clamp(y / cell[1], rows - 1)];
  };
  const move = (e: PointerEvent) => {
    const [column, at] = place(e);
    const calls = map.cells[column]?.get(at) ?? 0;
    setTip(
      `${clock((times[column] ?? 0) * 1e6)} · ${duration(upperEnd(at - 1))} – ${duration(upperEnd(at))} · ${t("heat.calls", { n: calls })}`,
    );
    if (drag) setDrag({ ...drag, to: [column, at] });
  };
  const drop = () => {
    if (!drag) return;
    setDrag(null);
    onBox(boxOf(map, times, step_s, [drag.from[0], drag.to[0]], [drag.from[1], drag.to[1]]));
  };
  const marked = drag && {
    left: `${LEFT + Math.min(drag.from[0], drag.to[0]) * cell[0]}px`,
    width: `${(Math.abs(drag.from[0] - drag.to[0]) + 1) * cell[0]}px`,
    top: `${HEIGHT - BOTTOM - (Math.max(drag.from[1], drag.to[1]) - map.low + 1) * cell[1]}px`,
    height: `${(Math.abs(drag.from[1] - drag.to[1]) + 1) * cell[1]}px`,
  };
  return (
    <div class="heat">
      <canvas
        ref={canvas}
        role="img"
        aria-label={t("heat.title")}
        style={{ height: `${HEIGHT}px` }}
        data-low={map.low}
        data-high={map.high}
        onPointerDown={(e) => {
          e.currentTarget.setPointerCapture(e.pointerId);
          setDrag({ from: place(e), to: place(e) });
        }}
        onPointerMove={move}
        onPointerUp={drop}
        onPointerCancel={() => setDrag(null)}
        onPointerLeave={() => setTip("")}
      />
      {marked && <div class="box" style={marked} />}
      <p class="dim tip">{tip || t("heat.help")}</p>
    </div>
  );
}

