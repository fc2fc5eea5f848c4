import { useEffect, useState } from "preact/hooks";

import { ask, type Query } from "../api/client";
import type { TraceRow, Traces } from "../api/types";
import { duration, moment } from "../model/format";
import { useClock } from "../state/clock";
import { useLoad } from "../state/load";
import { Link } from "../state/router";
import { useT } from "../state/settings";
import { Empty, Show } from "./states";

/** Traces that a question finds, with a button for the next page. */
export function TraceList({ query }: { query: Query }) {
  const t = useT();
  const first = useLoad<Traces>("traces", query);
  return (
    <Show of={first} height={240}>
      {(page) =>
        page.traces.length === 0 && page.next === null ? (
          <Empty title={t("empty.traces")}>
            <p>{t("empty.traces.why")}</p>
          </Empty>
        ) : (
          <Pages first={page} query={query} />
        )
      }
    </Show>
  );
}

function Pages({ first, query }: { first: Traces; query: Query }) {
  const t = useT();
  const { range } = useClock();
  const [more, setMore] = useState<Traces[]>([]);
  const [isLoading, setLoading] = useState(false);
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => setMore([]), [first]);
  const pages = [first, ...more];
  const rows = pages.flatMap((page) => page.traces);
  const next = pages[pages.length - 1]?.next ?? null;
  const longest = rows.reduce((most, row) => Math.max(most, row.duration_us), 1);
  const load = () => {
    if (next === null) return;
    setLoading(true);
    setFailed(false);
    const time = { from: Math.floor(range.from), to: Math.ceil(range.to) };
    ask<Traces>("traces", { ...time, ...query, cursor: next }, new AbortController().signal)
      .then((page) => setMore((known) => [...known, page]))
      .catch(() => setFailed(true))
      .finally(() => setLoading(false));
  };
  return (
    <>
      <div class="scroll" tabIndex={0} role="region" aria-label={t("nav.traces")}>
        <table class="traces">
          <thead>
            <tr>
              <th>{t("endpoint")}</th>
              <th>{t("duration")}</th>
              <th>{t("start")}</th>
              <th>{t("app")}</th>
              <th class="n">{t("spans")}</th>
              <th class="n">{t("errors")}</th>
              <th>{t("traceId")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.trace_id} row={row} longest={longest} />
            ))}
          </tbody>
        </table>
      </div>
      {hasFailed && <p class="trouble">{t("error.unreachable")}</p>}
      {next !== null && (
        <button type="button" class="more" onClick={load} disabled={isLoading}>
          {t("traces.more")}
        </button>
      )}
    </>
  );
}

function Row({ row, longest }: { row: TraceRow; longest: number }) {
  const t = useT();
  return (
    <tr>
      <td>
        <Link path={["trace", row.trace_id]} class="name">
          {row.endpoint}
        </Link>
        {row.status === "error" && <span class="badge bad">{t("status.error")}</span>}
      </td>
      <td class="meter">
        <span class="nowrap">{duration(row.duration_us)}</span>
        <i style={{ width: `${Math.max((row.duration_us / longest) * 100, 1)}%` }} class={row.status === "error" ? "bad" : ""} />
      </td>
      <td class="nowrap">{moment(row.start_us)}</td>
      <td>{row.app}</td>
      <td class="n">{row.spans}</td>
      <td class="n">{row.errors > 0 ? <span class="bad">{row.errors}</span> : 0}</td>
      <td>
        <Link path={["trace", row.trace_id]} class="mono">
          {row.trace_id.slice(0, 16)}…
        </Link>
      </td>
    </tr>
  );
}
