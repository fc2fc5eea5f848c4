import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";

import { translator, type Lang, type Translate } from "../i18n";

export type Theme = "system" | "light" | "dark";

interface Settings {
  lang: Lang;
  theme: Theme;
  /** What is to be seen now. */
  isDark: boolean;
  t: Translate;
  setLang: (lang: Lang) => void;
  setTheme: (theme: Theme) => void;
}

const Context = createContext<Settings | null>(null);
const dark = matchMedia("(prefers-color-scheme: dark)");

function storedLang(): Lang {
  const stored = localStorage.getItem("tracker.lang");
  if (stored === "en" || stored === "zh") return stored;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

function storedTheme(): Theme {
  const stored = localStorage.getItem("tracker.theme");
  return stored === "light" || stored === "dark" ? stored : "system";
}

export function SettingsProvider({ children }: { children: ComponentChildren }) {
  const [lang, setLang] = useState(storedLang);
  const [theme, setTheme] = useState(storedTheme);
  const [systemDark, setSystemDark] = useState(dark.matches);
  useEffect(() => {
    const changed = () => setSystemDark(dark.matches);
    dark.addEventListener("change", changed);
    return () => dark.removeEventListener("change", changed);
  }, []);
  const isDark = theme === "system" ? systemDark : theme === "dark";
  // At once: charts read their colours from the page when they are drawn.
  document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  const settings = useMemo<Settings>(
    () => ({
      lang,
      theme,
      isDark,
      t: translator(lang),
      setLang(next) {
        localStorage.setItem("tracker.lang", next);
        setLang(next);
      },
      setTheme(next) {
        if (next === "system") localStorage.removeItem("tracker.theme");
        else localStorage.setItem("tracker.theme", next);
        setTheme(next);
      },
    }),
    [lang, theme, isDark],
  );
  return <Context.Provider value={settings}>{children}</Context.Provider>;
}

export function useSettings(): Settings {
  const settings = useContext(Context);
  if (settings === null) throw new Error("outside of SettingsProvider");
  return settings;
}

export function useT(): Translate {
  return useSettings().t;
}
