/** The address is the whole state of the page: what is looked at, when, and how. */

export interface Place {
  /** The path, decoded piece by piece. */
  path: string[];
  query: Record<string, string>;
}

export type Changes = Record<string, string | number | null | undefined>;

/** What every page keeps when one goes from one to the next. */
const KEPT = ["t", "from", "to", "refresh", "cmp"];

export function parse(pathname: string, search: string): Place {
  const path = pathname.split("/").filter((piece) => piece !== "").map(decode);
  const query: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(search)) query[name] = value;
  return { path, query };
}

export function print(place: Place): string {
  const path = "/" + place.path.map(encodeURIComponent).join("/");
  const search = new URLSearchParams(place.query).toString();
  return search ? `${path}?${search}` : path;
}

/** The address of another page, at the same time and with the same refresh. */
export function to(here: Place, path: string[], changes: Changes = {}): string {
  const query: Record<string, string> = {};
  for (const name of KEPT) {
    const value = here.query[name];
    if (value !== undefined) query[name] = value;
  }
  return print({ path, query: changed(query, changes) });
}

/** The query with changes; what is empty or null goes. */
export function changed(query: Record<string, string>, changes: Changes): Record<string, string> {
  const result = new Map(Object.entries(query));
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === "") result.delete(name);
    else result.set(name, String(value));
  }
  return Object.fromEntries(result);
}

function decode(piece: string): string {
  try {
    return decodeURIComponent(piece);
  } catch {
    return piece;
  }
}
