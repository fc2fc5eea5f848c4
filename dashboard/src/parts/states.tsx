import type { ComponentChildren } from "preact";

import type { Loaded } from "../state/load";
import { useT } from "../state/settings";

/** Nothing to show, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      <div>{children}</div>
    </div>
  );
}

/** Nothing was ever sent: the agent's doctor says why. */
export function NoData() {
  const t = useT();
  return (
    <Empty title={t("empty.data")}>
      <p>{t("empty.range")}</p>
      <p>
        {t("empty.doctor")} <code>tracker-agent doctor</code>
      </p>
    </Empty>
  );
}

interface Props<T> {
  of: Loaded<T>;
  /** Height kept free until the first answer. */
  height?: number;
  children: (data: T) => ComponentChildren;
}

/** What was loaded. Stays while the next answer is awaited, and when there is none. */
export function Show<T>({ of, height = 160, children }: Props<T>) {
  const t = useT();
  const why = of.error?.status === 0 ? t("error.unreachable") : (of.error?.message ?? "");
  return (
    <>
      {of.error !== null && of.error.status !== 401 && (
        <p class="trouble" role="alert">
          {t("error.title")}: {why}
        </p>
      )}
      {of.data === null
        ? of.error === null && <div class="skeleton" style={{ height: `${height}px` }} aria-busy="true" />
        : children(of.data)}
    </>
  );
}
