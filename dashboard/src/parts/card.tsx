import type { ComponentChildren } from "preact";

interface Props {
  title: string;
  /** What belongs to the right of the title. */
  tools?: ComponentChildren;
  note?: string | undefined;
  /** The page says the same in its head. */
  isNamed?: boolean;
  children: ComponentChildren;
}

export function Card({ title, tools, note, isNamed = false, children }: Props) {
  return (
    <section class="card" aria-label={title}>
      {isNamed && note === undefined && tools === undefined ? (
        <div class="head-room" />
      ) : (
        <header>
          {!isNamed && <h2>{title}</h2>}
          {note !== undefined && <span class="dim">{note}</span>}
          {tools !== undefined && <div class={isNamed ? "tools left" : "tools"}>{tools}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

export interface Tile {
  label: string;
  value: string;
  tone?: "bad" | "warn" | "good" | undefined;
  title?: string | undefined;
}

export function Tiles({ tiles }: { tiles: Tile[] }) {
  return (
    <dl class="tiles">
      {tiles.map((tile) => (
        <div key={tile.label} title={tile.title}>
          <dt>{tile.label}</dt>
          <dd class={tile.tone}>{tile.value}</dd>
        </div>
      ))}
    </dl>
  );
}
