import { useState } from "preact/hooks";

import type { AppRow, Calls } from "../api/types";
import { Card } from "../parts/card";
import { TraceList } from "../parts/traces";
import { useLoad } from "../state/load";
import { useQuery, useRouter } from "../state/router";
import { useT } from "../state/settings";
import { to } from "../state/url";

const TRACE_ID = /^([0-9a-f]{16}|[0-9a-f]{32})$/i;

/** The search for traces. */
export function TracesPage() {
  const t = useT();
  const [query, setQuery] = useQuery();
  const apps = useLoad<{ apps: AppRow[] }>("apps");
  const app = query["app"];
  const endpoints = useLoad<Calls>(app ? "calls" : null, { by: "endpoint", app, limit: 1_000 });
  const names = (apps.data?.apps ?? []).map((row) => row.app);
  if (app && !names.includes(app)) names.push(app);
  return (
    <>
      <Card title={t("traces.search")}>
        <div class="filters">
          <label>
            {t("app")}
            <select value={app ?? ""} onChange={(e) => setQuery({ app: e.currentTarget.value, endpoint: null })}>
              <option value="">{t("any")}</option>
              {names.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          <Text name="endpoint" label={t("endpoint")} list="endpoints" />
          <datalist id="endpoints">
            {(endpoints.data?.rows ?? []).map((row) => (
              <option key={row.endpoint} value={row.endpoint ?? ""} />
            ))}
          </datalist>
          <label>
            {t("status")}
            <select value={query["status"] ?? ""} onChange={(e) => setQuery({ status: e.currentTarget.value })}>
              <option value="">{t("any")}</option>
              <option value="error">{t("status.error")}</option>
              <option value="ok">{t("status.ok")}</option>
            </select>
          </label>
          <Text name="min" label={t("traces.min")} isNumber />
          <Text name="max" label={t("traces.max")} isNumber />
          <Text name="attr" label={t("traces.attr")} placeholder="http.route=/cart" pattern="[^=]+=.*" />
          <label>
            {t("traces.order")}
            <select value={query["sort"] ?? ""} onChange={(e) => setQuery({ sort: e.currentTarget.value })}>
              <option value="">{t("traces.newest")}</option>
              <option value="duration">{t("traces.slowestFirst")}</option>
            </select>
          </label>
          <ById />
        </div>
      </Card>
      <Card title={t("nav.traces")} isNamed>
        <TraceList
          query={{
            app,
            endpoint: query["endpoint"],
            status: query["status"],
            min_ms: query["min"],
            max_ms: query["max"],
            attr: query["attr"],
            sort: query["sort"],
          }}
        />
      </Card>
    </>
  );
}

interface TextProps {
  name: string;
  label: string;
  list?: string;
  placeholder?: string;
  pattern?: string;
  isNumber?: boolean;
}

/** A field that goes into the address when it is left or Enter is pressed. */
function Text({ name, label, isNumber = false, ...rest }: TextProps) {
  const [query, setQuery] = useQuery();
  return (
    <label>
      {label}
      <input
        key={query[name] ?? ""}
        type={isNumber ? "number" : "text"}
        min={isNumber ? 0 : undefined}
        step={isNumber ? "any" : undefined}
        defaultValue={query[name] ?? ""}
        onChange={(e) => {
          if (e.currentTarget.checkValidity()) setQuery({ [name]: e.currentTarget.value.trim() });
          else e.currentTarget.reportValidity();
        }}
        {...rest}
      />
    </label>
  );
}

function ById() {
  const t = useT();
  const { place, go } = useRouter();
  const [id, setId] = useState("");
  const isGood = TRACE_ID.test(id.trim());
  const open = (e: Event) => {
    e.preventDefault();
    if (isGood) go(to(place, ["trace", id.trim().toLowerCase()]));
  };
  return (
    <form class="by-id" onSubmit={open}>
      <label>
        {t("traceId")}
        <input value={id} placeholder={t("traces.idHint")} spellcheck={false} onInput={(e) => setId(e.currentTarget.value)} />
      </label>
      <button type="submit" disabled={!isGood}>
        {t("open")}
      </button>
    </form>
  );
}
