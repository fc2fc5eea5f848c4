/** Rows in the order and choice that the address says. */

export interface Column<R> {
  /** Name in the address. */
  id: string;
  label: string;
  /** What it is sorted by, and what the file has. */
  value: (row: R) => number | string;
  isNumber: boolean;
}

export interface Order {
  id: string;
  isDescending: boolean;
}

/** `-calls` is calls, the most first. */
export function order(text: string | undefined, otherwise: string): Order {
  const chosen = text === undefined || text === "" || text === "-" ? otherwise : text;
  return { id: chosen.replace(/^-/, ""), isDescending: chosen.startsWith("-") };
}

/** What a click on a head makes of the order: numbers begin with the largest. */
export function toggled<R>(now: Order, column: Column<R>): string {
  const isDescending = now.id === column.id ? !now.isDescending : column.isNumber;
  return `${isDescending ? "-" : ""}${column.id}`;
}

export function sorted<R>(rows: R[], columns: Column<R>[], by: Order): R[] {
  const column = columns.find((one) => one.id === by.id);
  if (column === undefined) return rows;
  const sign = by.isDescending ? -1 : 1;
  return rows.slice().sort((a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    if (typeof x === "number" && typeof y === "number") return sign * (x - y);
    return sign * String(x).localeCompare(String(y));
  });
}

/** Rows that have all words of the filter in one of their texts. */
export function filtered<R>(rows: R[], columns: Column<R>[], filter: string): R[] {
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const texts = columns.filter((column) => !column.isNumber).map((column) => String(column.value(row)).toLowerCase());
    return words.every((word) => texts.some((text) => text.includes(word)));
  });
}
