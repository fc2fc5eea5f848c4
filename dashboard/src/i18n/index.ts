import { en } from "./en";
import { zh } from "./zh";

export type Lang = "en" | "zh";
export type Key = keyof typeof en;
/** The text of a key; `{name}` in it is replaced. */
export type Translate = (key: Key, values?: Record<string, string | number>) => string;

const DICTIONARIES: Record<Lang, Record<Key, string>> = { en, zh };

export function translator(lang: Lang): Translate {
  const dictionary = DICTIONARIES[lang];
  return (key, values = {}) =>
    dictionary[key].replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name];
      return value === undefined ? whole : String(value);
    });
}
