import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";

import { changed, parse, print, to, type Changes, type Place } from "./url";

interface Router {
  place: Place;
  /** Goes to an address of this page. */
  go: (address: string, replace?: boolean) => void;
}

const Context = createContext<Router>({ place: { path: [], query: {} }, go: () => undefined });

const here = (): string => location.pathname + location.search;

export function RouterProvider({ children }: { children: ComponentChildren }) {
  const [address, setAddress] = useState(here);
  useEffect(() => {
    const moved = () => setAddress(here());
    addEventListener("popstate", moved);
    return () => removeEventListener("popstate", moved);
  }, []);
  const router = useMemo<Router>(() => {
    const at = address.indexOf("?");
    const [path, search] = at < 0 ? [address, ""] : [address.slice(0, at), address.slice(at)];
    return {
      place: parse(path, search),
      go(next, replace = false) {
        if (next === here()) return;
        if (replace) history.replaceState(null, "", next);
        else history.pushState(null, "", next);
        if (!replace && next.split("?")[0] !== path) scrollTo(0, 0);
        setAddress(next);
      },
    };
  }, [address]);
  return <Context.Provider value={router}>{children}</Context.Provider>;
}

export function useRouter(): Router {
  return useContext(Context);
}

/** A value of the query and how to change it. */
export function useQuery(): [Record<string, string>, (changes: Changes, replace?: boolean) => void] {
  const { place, go } = useRouter();
  const set = (changes: Changes, replace = false) =>
    go(print({ path: place.path, query: changed(place.query, changes) }), replace);
  return [place.query, set];
}

interface LinkProps {
  path: string[];
  query?: Changes;
  class?: string;
  title?: string;
  label?: string;
  current?: boolean;
  children: ComponentChildren;
}

/** A link to a page of ours; a click with a key held opens it as the browser would. */
export function Link({ path, query, children, label, current, ...rest }: LinkProps) {
  const { place, go } = useRouter();
  const href = to(place, path, query);
  const follow = (e: MouseEvent) => {
    if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
    e.preventDefault();
    go(href);
  };
  return (
    <a href={href} onClick={follow} aria-label={label} aria-current={current ? "page" : undefined} {...rest}>
      {children}
    </a>
  );
}
