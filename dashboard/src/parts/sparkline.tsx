import { sparkPath } from "../model/series";

export function Sparkline({ values, label }: { values: number[]; label: string }) {
  const [width, height] = [110, 26];
  const path = sparkPath(values, width, height);
  return (
    <svg class="spark" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {path !== "" && <path class="area" d={`${path}L${width} ${height}L0 ${height}Z`} />}
      <path class="line" d={path} />
    </svg>
  );
}
