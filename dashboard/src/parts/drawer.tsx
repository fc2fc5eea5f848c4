import type { Attributes, Frame } from "../api/types";
import { duration, percent } from "../model/format";
import type { Node } from "../model/spans";
import { Link } from "../state/router";
import { useT } from "../state/settings";
import { Icon } from "./icons";

interface Props {
  node: Node;
  start_us: number;
  duration_us: number;
  onClose: () => void;
}

/** Attributes that are shown large, as text of several lines. */
const TEXTS = ["db.query.text", "exception.stacktrace", "code.stacktrace"];

/** All that is known of a span. */
export function Drawer({ node, start_us, duration_us, onClose }: Props) {
  const t = useT();
  const { span } = node;
  const facts: [string, string][] = [
    [t("duration"), `${duration(span.duration_us)} (${percent(span.duration_us, duration_us)})`],
    [t("trace.self"), duration(node.self_us)],
    [t("trace.critical"), duration(node.critical_us)],
    [t("trace.after"), duration(span.start_us - start_us)],
    [t("trace.kind"), span.kind],
    [t("status"), span.status_message === "" ? span.status : `${span.status}: ${span.status_message}`],
    [t("app"), span.app],
    [t("host"), span.host],
    ["pid", String(span.pid)],
  ];
  if (span.coroutine_id > 0) facts.push([t("trace.coroutine"), `#${span.coroutine_id}`]);
  if (span.system !== "") facts.push([t("system"), span.system]);
  if (span.peer !== "") facts.push([t("peer"), span.peer]);
  facts.push([t("trace.spanId"), span.span_id]);
  const statement = span.attributes["db.query.text"];
  return (
    <aside class="card drawer" aria-label={span.name}>
      <header>
        <h2 class={span.status === "error" ? "bad" : undefined}>{span.name}</h2>
        <button type="button" class="quiet" onClick={onClose} aria-label={t("close")}>
          <Icon name="close" size={16} />
        </button>
      </header>
      {typeof statement === "string" && <pre class="text">{statement}</pre>}
      <Facts facts={facts} />
      {span.events.map((event, i) => (
        <section key={i} class={event.name === "exception" ? "event bad-edge" : "event"}>
          <h3>
            {event.name} <small class="dim">+{duration(event.time_us - span.start_us)}</small>
          </h3>
          <AttributeList attributes={event.attributes} />
        </section>
      ))}
      {Object.keys(span.attributes).length > 0 && (
        <section>
          <h3>{t("trace.attributes")}</h3>
          <AttributeList attributes={span.attributes} />
        </section>
      )}
      {span.stack.length > 0 && (
        <section>
          <h3>{t("trace.stack")}</h3>
          <Stack frames={span.stack} />
        </section>
      )}
      {(span.links ?? []).length > 0 && (
        <section>
          <h3>{t("trace.links")}</h3>
          {span.links?.map((link) => (
            <p key={link.span_id}>
              <Link path={["trace", link.trace_id]} query={{ span: link.span_id }} class="mono">
                {link.trace_id}
              </Link>
            </p>
          ))}
        </section>
      )}
      <p>
        <Link path={["app", span.app]}>{t("trace.toApp", { app: span.app })}</Link>
      </p>
    </aside>
  );
}

function Facts({ facts }: { facts: [string, string][] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function AttributeList({ attributes }: { attributes: Attributes }) {
  const entries = Object.entries(attributes);
  const plain = entries.filter(([name]) => !TEXTS.includes(name));
  const texts = entries.filter(([name]) => name !== "db.query.text" && TEXTS.includes(name));
  return (
    <>
      <Facts facts={plain.map(([name, value]) => [name, String(value)])} />
      {texts.map(([name, value]) => (
        <pre key={name} class="text" title={name}>
          {String(value)}
        </pre>
      ))}
    </>
  );
}

/** A call stack, innermost first. */
export function Stack({ frames }: { frames: Frame[] }) {
  return (
    <ol class="stack">
      {frames.map((frame, i) => (
        <li key={i}>
          <code>{frame.function}</code>
          <span class="dim mono">{frame.file === "" ? "" : `${frame.file}:${frame.line}`}</span>
        </li>
      ))}
    </ol>
  );
}
