import { useState } from "preact/hooks";

import { shortMoment } from "../model/format";
import { useClock } from "../state/clock";
import { useQuery } from "../state/router";
import { useT } from "../state/settings";
import { COMPARISONS, fromInput, PRESETS, refreshSeconds, REFRESHES, toInput } from "../state/time";
import { Icon } from "./icons";

/** Chooses the time and how often it is asked again. */
export function RangePicker({ canCompare }: { canCompare: boolean }) {
  const t = useT();
  const { chosen, range, refresh } = useClock();
  const [query, setQuery] = useQuery();
  const [isCustom, setCustom] = useState(false);
  const value = "preset" in chosen ? chosen.preset : "custom";
  const choose = (next: string) => {
    if (next === "custom") return setCustom(true);
    setCustom(false);
    setQuery({ t: next, from: null, to: null });
  };
  const zoomOut = () => {
    const half = (range.to - range.from) / 2;
    const to = Math.min(range.to + half, Date.now());
    setQuery({ t: null, from: Math.round(Math.max(to - 4 * half, 1)), to: Math.round(to) });
  };
  return (
    <div class="range">
      <select aria-label={t("range")} value={isCustom ? "custom" : value} onChange={(e) => choose(e.currentTarget.value)}>
        {PRESETS.map((preset) => (
          <option key={preset} value={preset}>
            {t("range.last", { n: preset.slice(0, -1), unit: t(`unit.${preset.slice(-1) as "m" | "h" | "d"}`) })}
          </option>
        ))}
        <option value="custom">
          {"range" in chosen ? `${shortMoment(range.from)} – ${shortMoment(range.to)}` : t("range.custom")}
        </option>
      </select>
      {"range" in chosen && (
        <button type="button" class="quiet" onClick={() => setCustom(!isCustom)}>
          {t("range.edit")}
        </button>
      )}
      <button type="button" class="quiet" onClick={zoomOut} aria-label={t("range.wider")} title={t("range.wider")}>
        <Icon name="zoomOut" size={16} />
      </button>
      <button type="button" class="quiet" onClick={refresh} aria-label={t("refresh.now")} title={t("refresh.now")}>
        <Icon name="refresh" size={16} />
      </button>
      <select
        aria-label={t("refresh")}
        value={String(refreshSeconds(query))}
        onChange={(e) => setQuery({ refresh: e.currentTarget.value === "0" ? null : e.currentTarget.value }, true)}
      >
        {REFRESHES.map((seconds) => (
          <option key={seconds} value={String(seconds)}>
            {seconds === 0 ? t("refresh.off") : t("refresh.every", { n: seconds })}
          </option>
        ))}
      </select>
      {canCompare && (
        <select aria-label={t("cmp")} value={query["cmp"] ?? ""} onChange={(e) => setQuery({ cmp: e.currentTarget.value })}>
          <option value="">{t("cmp.off")}</option>
          {COMPARISONS.map((one) => (
            <option key={one} value={one}>
              {t(`cmp.with.${one}`)}
            </option>
          ))}
        </select>
      )}
      {isCustom && <Custom onDone={() => setCustom(false)} />}
    </div>
  );
}

function Custom({ onDone }: { onDone: () => void }) {
  const t = useT();
  const { range } = useClock();
  const [, setQuery] = useQuery();
  const [from, setFrom] = useState(toInput(range.from));
  const [to, setTo] = useState(toInput(range.to));
  const begin = fromInput(from);
  const end = fromInput(to);
  const isGood = begin !== null && end !== null && begin < end;
  const apply = (e: Event) => {
    e.preventDefault();
    if (!isGood) return;
    setQuery({ t: null, from: begin, to: end });
    onDone();
  };
  return (
    <form class="custom" onSubmit={apply}>
      <label>
        {t("range.from")}
        <input type="datetime-local" step="1" value={from} onInput={(e) => setFrom(e.currentTarget.value)} />
      </label>
      <label>
        {t("range.to")}
        <input type="datetime-local" step="1" value={to} onInput={(e) => setTo(e.currentTarget.value)} />
      </label>
      <button type="submit" disabled={!isGood}>
        {t("apply")}
      </button>
    </form>
  );
}

/** Sets the time to what was dragged over in a chart. */
export function useZoom(): (from: number, to: number) => void {
  const [, setQuery] = useQuery();
  return (from, to) => setQuery({ t: null, from: Math.floor(from), to: Math.ceil(Math.max(to, from + 1_000)) });
}
