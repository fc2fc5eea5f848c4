import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { csv, download } from "../model/csv";
import { filtered, order, sorted, toggled, type Column } from "../model/table";
import { useQuery } from "../state/router";
import { useT } from "../state/settings";
import { Icon } from "./icons";

export interface Shown<R> extends Column<R> {
  cell?: (row: R) => ComponentChildren;
  /** Explains the head. */
  title?: string;
}

interface Props<R> {
  name: string;
  rows: R[];
  columns: Shown<R>[];
  rowKey: (row: R) => string;
  /** Order without a choice, as in the address: `-calls`. */
  sort: string;
  /** Set apart the names in the address when a page has several tables. */
  prefix?: string;
  empty?: ComponentChildren;
  tools?: ComponentChildren;
  isPlain?: boolean;
}

const PAGE = 100;

/** A table that can be sorted, filtered and saved; its state is in the address. */
export function Table<R>({ name, rows, columns, rowKey, sort, prefix = "", empty, tools, isPlain = false }: Props<R>) {
  const t = useT();
  const [query, setQuery] = useQuery();
  const [pages, setPages] = useState(1);
  const by = order(query[`${prefix}sort`], sort);
  const filter = query[`${prefix}q`] ?? "";
  const found = sorted(filtered(rows, columns, filter), columns, by);
  const shown = found.slice(0, pages * PAGE);
  const save = () =>
    download(`${name}.csv`, csv(columns.map((c) => c.id), found.map((row) => columns.map((c) => c.value(row)))));
  if (rows.length === 0 && empty !== undefined) return <>{empty}</>;
  return (
    <>
      {!isPlain && (
        <div class="table-tools">
          <input
            type="search"
            value={filter}
            placeholder={t("table.filter")}
            aria-label={t("table.filter")}
            onInput={(e) => setQuery({ [`${prefix}q`]: e.currentTarget.value }, true)}
          />
          <span class="dim">{filter === "" ? rows.length : `${found.length} / ${rows.length}`}</span>
          {tools}
          <button type="button" class="quiet" onClick={save} disabled={found.length === 0}>
            <Icon name="download" size={15} /> CSV
          </button>
        </div>
      )}
      <div class="scroll" tabIndex={0} role="region" aria-label={name}>
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <th
                  key={column.id}
                  class={column.isNumber ? "n" : undefined}
                  title={column.title}
                  aria-sort={by.id !== column.id ? undefined : by.isDescending ? "descending" : "ascending"}
                >
                  <button type="button" onClick={() => setQuery({ [`${prefix}sort`]: toggled(by, column) }, true)}>
                    {column.label}
                    <span class="arrow" aria-hidden="true">
                      {by.id === column.id ? (by.isDescending ? "↓" : "↑") : ""}
                    </span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={rowKey(row)}>
                {columns.map((column) => (
                  <td key={column.id} class={column.isNumber ? "n" : undefined}>
                    {column.cell ? column.cell(row) : column.value(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {found.length === 0 && <p class="none">{t("table.nothing")}</p>}
      {found.length > shown.length && (
        <button type="button" class="more" onClick={() => setPages(pages + 1)}>
          {t("table.more", { n: Math.min(PAGE, found.length - shown.length) })}
        </button>
      )}
    </>
  );
}
