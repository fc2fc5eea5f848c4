import { useEffect } from "preact/hooks";

import { AgentsPage } from "./pages/agents";
import { AppPage } from "./pages/app";
import { EndpointPage } from "./pages/endpoint";
import { LeaksPage } from "./pages/leaks";
import { Overview } from "./pages/overview";
import { ProcessesPage } from "./pages/processes";
import { StatementsPage } from "./pages/statements";
import { TopologyPage } from "./pages/topology";
import { TracePage } from "./pages/trace";
import { TracesPage } from "./pages/traces";
import { Icon, type IconName } from "./parts/icons";
import { RangePicker } from "./parts/range";
import { Empty } from "./parts/states";
import { TokenPrompt } from "./parts/token";
import type { Key } from "./i18n";
import { useUnderWay } from "./state/load";
import { Link, useRouter } from "./state/router";
import { useSettings, type Theme } from "./state/settings";

const NAV: { path: string[]; icon: IconName; key: Key }[] = [
  { path: [], icon: "overview", key: "nav.overview" },
  { path: ["topology"], icon: "topology", key: "nav.topology" },
  { path: ["traces"], icon: "traces", key: "nav.traces" },
  { path: ["statements"], icon: "statements", key: "nav.statements" },
  { path: ["leaks"], icon: "leaks", key: "nav.leaks" },
  { path: ["processes"], icon: "processes", key: "nav.processes" },
  { path: ["agents"], icon: "agents", key: "nav.agents" },
];

/** Pages of which each place in the list of pages is a part. */
const SECTIONS: Record<string, string> = { app: "", trace: "traces" };
/** Pages that are the same at any time. */
const TIMELESS = ["trace", "processes", "leaks", "agents"];

export function App() {
  const { lang, theme, t, setLang, setTheme } = useSettings();
  const { place } = useRouter();
  const [name = ""] = place.path;
  const section = SECTIONS[name] ?? name;
  const title = heading(place.path, t);
  useEffect(() => {
    document.title = title === "" ? "Swoole Tracker" : `${title} · Swoole Tracker`;
  }, [title]);
  useEffect(() => {
    // In a narrow window the list of pages is wider than the window.
    document.querySelector('nav [aria-current="page"]')?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [section]);
  const themes: { theme: Theme; icon: IconName }[] = [
    { theme: "system", icon: "screen" },
    { theme: "light", icon: "sun" },
    { theme: "dark", icon: "moon" },
  ];
  const at = themes.findIndex((one) => one.theme === theme);
  const next = themes[(at + 1) % themes.length] ?? { theme: "system" as const, icon: "screen" as const };
  return (
    <>
      <a class="skip" href="#main">
        {t("skip")}
      </a>
      <nav aria-label={t("nav")}>
        <Link path={[]} class="brand">
          <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="7" />
            <path d="M5 18h5l3-9 5 15 4-10 2 4h3" />
          </svg>
          Swoole Tracker
        </Link>
        <div class="items">
          {NAV.map(({ path, icon, key }) => (
            <Link key={key} path={path} current={section === (path[0] ?? "")}>
              <Icon name={icon} />
              {t(key)}
            </Link>
          ))}
        </div>
        <div class="settings">
          <button type="button" class="quiet" onClick={() => setLang(lang === "en" ? "zh" : "en")} lang={lang === "en" ? "zh" : "en"}>
            {lang === "en" ? "中文" : "English"}
          </button>
          <button
            type="button"
            class="quiet"
            onClick={() => setTheme(next.theme)}
            aria-label={`${t("theme")}: ${t(`theme.${theme}`)}`}
            title={`${t("theme")}: ${t(`theme.${theme}`)}`}
          >
            <Icon name={themes[at]?.icon ?? "screen"} size={16} />
          </button>
        </div>
      </nav>
      <div class="page">
        <header class="top">
          <Crumbs />
          {!TIMELESS.includes(name) && <RangePicker canCompare={name === "app"} />}
        </header>
        <Progress />
        <main id="main" tabIndex={-1}>
          <Page />
        </main>
      </div>
      <TokenPrompt />
    </>
  );
}

function heading(path: string[], t: ReturnType<typeof useSettings>["t"]): string {
  const [name, ...rest] = path;
  if (rest.length > 0) return rest[rest.length - 1] ?? "";
  const found = NAV.find((one) => one.path[0] === name);
  return found === undefined ? "" : t(found.key);
}

/** Where one is, each part a link. */
function Crumbs() {
  const { t } = useSettings();
  const { place } = useRouter();
  const [name, id, , endpoint] = place.path;
  const entry = NAV.find((one) => one.path[0] === (name === undefined ? undefined : (SECTIONS[name] ?? name) || undefined));
  return (
    <div class="crumbs">
      {id === undefined ? <h1>{entry ? t(entry.key) : ""}</h1> : <Link path={entry?.path ?? []}>{entry ? t(entry.key) : ""}</Link>}
      {id !== undefined && <span aria-hidden="true">/</span>}
      {name === "app" && id !== undefined && (endpoint === undefined ? <h1>{id}</h1> : <Link path={["app", id]}>{id}</Link>)}
      {name === "trace" && id !== undefined && <span class="mono">{id.slice(0, 8)}…</span>}
      {endpoint !== undefined && (
        <>
          <span aria-hidden="true">/</span>
          <h1>{endpoint}</h1>
        </>
      )}
    </div>
  );
}

function Progress() {
  return <div class={useUnderWay() > 0 ? "progress on" : "progress"} />;
}

function Page() {
  const { t } = useSettings();
  const { place } = useRouter();
  const [name, id, part, endpoint] = place.path;
  if (name === undefined) return <Overview />;
  if (name === "app" && id !== undefined) {
    if (part === undefined) return <AppPage key={id} app={id} />;
    if (part === "endpoint" && endpoint !== undefined) return <EndpointPage key={`${id}/${endpoint}`} app={id} endpoint={endpoint} />;
  }
  if (name === "trace" && id !== undefined) return <TracePage key={id} id={id} />;
  if (id === undefined) {
    if (name === "topology") return <TopologyPage />;
    if (name === "traces") return <TracesPage />;
    if (name === "statements") return <StatementsPage />;
    if (name === "leaks") return <LeaksPage />;
    if (name === "processes") return <ProcessesPage />;
    if (name === "agents") return <AgentsPage />;
  }
  return (
    <Empty title={t("empty.page")}>
      <Link path={[]}>{t("nav.overview")}</Link>
    </Empty>
  );
}
