import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import { clock, shortMoment } from "../model/format";
import { useSettings } from "../state/settings";

export interface Line {
  label: string;
  /** Name of a colour of the style sheet. */
  color: string;
  values: (number | null)[];
  isDashed?: boolean;
}

interface Props {
  label: string;
  /** Unix seconds. */
  times: number[];
  lines: Line[];
  format: (value: number) => string;
  /** Called with what was dragged over, Unix ms. */
  onZoom?: (from: number, to: number) => void;
  isFilled?: boolean;
  height?: number;
  /** Times are numbers of loops instead. */
  isCounted?: boolean;
  /** Values are bytes: lines at powers of two. */
  isBytes?: boolean;
}

const POWERS = Array.from({ length: 46 }, (_, i) => 2 ** i);

/** A line chart. Dragging over it zooms. */
export function Chart({ label, times, lines, format, onZoom, isFilled = false, height = 180, isCounted = false, isBytes = false }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const zoom = useRef(onZoom);
  const { isDark, lang, t } = useSettings();
  zoom.current = onZoom;
  const data = [times, ...lines.map((line) => line.values)] as uPlot.AlignedData;
  const shape = JSON.stringify([lines.map((line) => [line.label, line.color, line.isDashed]), isDark, lang, isFilled]);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const style = getComputedStyle(document.documentElement);
    const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const axis: uPlot.Axis = {
      stroke: color("dim"),
      grid: { stroke: color("line"), width: 1 },
      ticks: { show: false },
      font: "11px system-ui, sans-serif",
    };
    const x: uPlot.Axis = isCounted
      ? { ...axis, size: 30, gap: 8, values: (_u, splits) => splits.map((n) => (Number.isInteger(n) ? String(n) : "")) }
      : { ...axis, size: 30, gap: 8, space: 58, values: (u, splits) => splits.map((s) => timeLabel(s, u)) };
    const made = new uPlot(
      {
        width: Math.max(element.clientWidth, 100),
        height,
        padding: [10, 22, 0, 0],
        legend: { live: true, markers: { width: 0, fill: (_u, i) => color(lines[i - 1]?.color ?? "dim") } },
        cursor: { drag: { x: zoom.current !== undefined, y: false, setScale: false }, points: { size: 6 } },
        scales: {
          x: { time: !isCounted },
          y: { range: (_u, _min, max) => [0, max > 0 ? max * 1.1 : 1] },
        },
        axes: [x, { ...axis, size: 62, values: (_u, splits) => splits.map(format), ...(isBytes ? { incrs: POWERS } : {}) }],
        series: [
          { label: isCounted ? t("leaks.loop") : t("time"), value: (_u, v: number | null) => (v === null ? "–" : isCounted ? `#${v}` : clock(v * 1e6)) },
          ...lines.map((line): uPlot.Series => ({
            label: line.label,
            stroke: color(line.color),
            width: 1.6,
            dash: line.isDashed ? [4, 3] : [],
            points: { show: times.length < 3 || undefined, size: 5 } as uPlot.Series.Points,
            ...(isFilled && !line.isDashed ? { fill: color(`${line.color}-soft`) } : {}),
            value: (_u, v: number | null) => (v === null ? "–" : format(v)),
          })),
        ],
        hooks: {
          setSelect: [
            (u) => {
              const { left, width } = u.select;
              if (width < 5) return;
              zoom.current?.(u.posToVal(left, "x") * 1_000, u.posToVal(left + width, "x") * 1_000);
              u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            },
          ],
        },
      },
      data,
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) made.setSize({ width: element.clientWidth, height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, height]);
  useEffect(() => plot.current?.setData(data), [times, lines]);
  return <div class="chart" ref={box} role="img" aria-label={label} />;
}

/** The hour; the day with it where the chart is longer than a day. */
function timeLabel(seconds: number, u: uPlot): string {
  const { min = 0, max = 0 } = u.scales["x"] ?? {};
  return max - min > 86_400 ? shortMoment(seconds * 1_000) : clock(seconds * 1e6).slice(0, 5);
}
