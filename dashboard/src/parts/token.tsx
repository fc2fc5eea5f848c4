import { useEffect, useState } from "preact/hooks";

import { isTokenRefused, isTokenWanted, keepToken, onToken } from "../api/token";
import { useT } from "../state/settings";

/** Asks for a token when the agent wants one. */
export function TokenPrompt() {
  const t = useT();
  const [isWanted, setWanted] = useState(isTokenWanted);
  const [value, setValue] = useState("");
  useEffect(() => onToken(() => setWanted(isTokenWanted())), []);
  if (!isWanted) return null;
  const submit = (e: Event) => {
    e.preventDefault();
    const token = value.trim();
    if (token === "") return;
    setValue("");
    keepToken(token);
  };
  return (
    <div class="veil" role="dialog" aria-modal="true" aria-label={t("token.title")}>
      <form class="card token" aria-label={t("token.title")} onSubmit={submit}>
        <h2>{t("token.title")}</h2>
        <p>
          {t("token.why")} <code>tracker-agent token FILE</code>
        </p>
        {isTokenRefused() && (
          <p class="trouble" role="alert">
            {t("token.wrong")}
          </p>
        )}
        <input
          type="password"
          autoComplete="off"
          autoFocus
          aria-label={t("token.title")}
          value={value}
          onInput={(e) => setValue(e.currentTarget.value)}
        />
        <button type="submit">{t("token.enter")}</button>
      </form>
    </div>
  );
}
