/** What the waterfall shows, line by line. */

import type { Node, Tree } from "./spans";

export type Line =
  | { type: "span"; node: Node; depth: number; hidden: number }
  | { type: "lane"; key: string; label: string; app: string; spans: number; busy_us: number };

/** The tree, without what hangs below closed spans. */
export function treeLines(tree: Tree, closed: ReadonlySet<string>): Line[] {
  const lines: Line[] = [];
  let skipBelow = Infinity;
  for (const node of tree.all) {
    if (node.depth > skipBelow) continue;
    skipBelow = Infinity;
    const isClosed = closed.has(node.span.span_id) && node.children.length > 0;
    if (isClosed) skipBelow = node.depth;
    lines.push({ type: "span", node, depth: node.depth, hidden: isClosed ? below(node) : 0 });
  }
  return lines;
}

function below(node: Node): number {
  let n = 0;
  const stack = node.children.slice();
  for (let one = stack.pop(); one !== undefined; one = stack.pop()) {
    n += 1;
    stack.push(...one.children);
  }
  return n;
}

/** Name of the coroutine that a span ran in; of the process where there was none. */
export function laneKey(node: Node): string {
  const { app, host, pid, coroutine_id } = node.span;
  return [app, host, pid, coroutine_id].join("\u0000");
}

/** One lane for each coroutine of each process, by their first span. */
export function laneLines(tree: Tree): Line[] {
  const lanes = new Map<string, Node[]>();
  const byStart = tree.all.slice().sort((a, b) => a.span.start_us - b.span.start_us);
  for (const node of byStart) {
    const key = laneKey(node);
    const lane = lanes.get(key);
    if (lane === undefined) lanes.set(key, [node]);
    else lane.push(node);
  }
  const lines: Line[] = [];
  for (const [key, nodes] of lanes) {
    const span = nodes[0]?.span;
    if (span === undefined) continue;
    const coroutine = span.coroutine_id > 0 ? ` · #${span.coroutine_id}` : "";
    lines.push({
      type: "lane",
      key,
      label: `pid ${span.pid}${coroutine}`,
      app: span.app,
      spans: nodes.length,
      busy_us: nodes.reduce((sum, node) => sum + node.self_us, 0),
    });
    for (const node of nodes) lines.push({ type: "span", node, depth: 0, hidden: 0 });
  }
  return lines;
}

/** Lines that are to be drawn: those in sight and some around them. */
export function inSight(count: number, rowHeight: number, scrollTop: number, height: number): [number, number] {
  const around = 8;
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - around);
  const last = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + around);
  return [first, last];
}

/** A colour of eight for a name, always the same. */
export function hue(name: string): number {
  let hash = 7;
  for (let i = 0; i < name.length; i++) hash = (hash * 31 + name.charCodeAt(i)) >>> 0;
  return hash % 8;
}
