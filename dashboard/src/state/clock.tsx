import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";

import { onToken } from "../api/token";
import { useRouter } from "./router";
import { choice, refreshSeconds, resolve, type Choice, type Range } from "./time";

interface Clock {
  chosen: Choice;
  range: Range;
  /** Counts refreshes: what is loaded is loaded again when it changes. */
  tick: number;
  refresh: () => void;
}

const NEVER: Clock = { chosen: { range: { from: 0, to: 1 } }, range: { from: 0, to: 1 }, tick: 0, refresh: () => undefined };
const Context = createContext<Clock>(NEVER);

/** Holds the time still between two refreshes, so that all parts of a page agree on it. */
export function ClockProvider({ children }: { children: ComponentChildren }) {
  const { place } = useRouter();
  const { t, from, to } = place.query;
  const seconds = refreshSeconds(place.query);
  const [tick, setTick] = useState(0);
  useEffect(() => onToken(() => setTick((n) => n + 1)), []);
  useEffect(() => {
    if (seconds === 0) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") setTick((n) => n + 1);
    }, seconds * 1_000);
    return () => clearInterval(timer);
  }, [seconds]);
  const clock = useMemo<Clock>(() => {
    const chosen = choice(place.query);
    return { chosen, range: resolve(chosen, Date.now()), tick, refresh: () => setTick((n) => n + 1) };
  }, [t, from, to, tick]);
  return <Context.Provider value={clock}>{children}</Context.Provider>;
}

export function useClock(): Clock {
  return useContext(Context);
}
