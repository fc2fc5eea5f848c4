import { useEffect, useRef, useState } from "preact/hooks";

import { address, ApiError, ask, type Query } from "../api/client";
import { useClock } from "./clock";

export interface Loaded<T> {
  /** The last answer, kept while the next one is on its way or failed. */
  data: T | null;
  error: ApiError | null;
  isLoading: boolean;
}

/** The last answer to a question whatever its time, for a page that is opened again. */
const kept = new Map<string, unknown>();
const KEPT = 60;
let underWay = 0;
const watching = new Set<(n: number) => void>();

function count(change: number): void {
  underWay += change;
  for (const watch of watching) watch(underWay);
}

/** Questions that are not answered yet. */
export function useUnderWay(): number {
  const [n, setN] = useState(underWay);
  useEffect(() => {
    watching.add(setN);
    return () => void watching.delete(setN);
  }, []);
  return n;
}

function keep(key: string, data: unknown): void {
  kept.delete(key);
  kept.set(key, data);
  const oldest = kept.keys().next();
  if (kept.size > KEPT && !oldest.done) kept.delete(oldest.value);
}

/**
 * Asks the agent, and again at every refresh. `path` null asks nothing. `timeless` names a
 * question that is the same at any time; `earlier` asks for a time that many ms before.
 */
export function useLoad<T>(path: string | null, query: Query = {}, timeless = false, earlier = 0): Loaded<T> {
  const { range, tick } = useClock();
  const time = timeless ? {} : { from: Math.floor(range.from) - earlier, to: Math.ceil(range.to) - earlier };
  const key = path === null ? "" : address(path, query) + String(earlier);
  const full = path === null ? "" : address(path, { ...time, ...query });
  const [state, setState] = useState<{ key: string; loaded: Loaded<T> }>({
    key,
    loaded: { data: (kept.get(key) as T | undefined) ?? null, error: null, isLoading: path !== null },
  });
  const shown = useRef(key);
  useEffect(() => {
    if (path === null) return;
    const stop = new AbortController();
    if (shown.current !== key) {
      shown.current = key;
      setState({ key, loaded: { data: (kept.get(key) as T | undefined) ?? null, error: null, isLoading: true } });
    } else {
      setState((s) => ({ key, loaded: { ...s.loaded, isLoading: true } }));
    }
    count(1);
    ask<T>(path, { ...time, ...query }, stop.signal)
      .then((data) => {
        keep(key, data);
        setState({ key, loaded: { data, error: null, isLoading: false } });
      })
      .catch((e: unknown) => {
        if (stop.signal.aborted) return;
        const error = e instanceof ApiError ? e : new ApiError(0, String(e));
        setState((s) => ({ key, loaded: { data: s.loaded.data, error, isLoading: false } }));
      })
      .finally(() => count(-1));
    return () => stop.abort();
  }, [full, tick]);
  if (state.key !== key) return { data: (kept.get(key) as T | undefined) ?? null, error: null, isLoading: path !== null };
  return state.loaded;
}
