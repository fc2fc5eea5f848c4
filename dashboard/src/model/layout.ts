/** Where the boxes of the topology stand: in layers, from callers to the called. */

import { Graph, layout as arrange } from "@dagrejs/dagre";

import type { Topology, TopologyEdge, TopologyNode } from "../api/types";

export const NODE_WIDTH = 156;
export const NODE_HEIGHT = 46;
export const LABEL_WIDTH = 104;
export const LABEL_HEIGHT = 32;

/** Calls from one node to another, as each side counted them. */
export interface Pair {
  id: string;
  from: string;
  to: string;
  client?: TopologyEdge;
  server?: TopologyEdge;
  /** What is shown of the two: the caller's, which has the network in it. */
  shown: TopologyEdge;
}

export interface Drawn {
  width: number;
  height: number;
  nodes: (TopologyNode & { x: number; y: number })[];
  pairs: (Pair & { path: string; label: { x: number; y: number } })[];
}

export function pairs(edges: TopologyEdge[]): Pair[] {
  const found = new Map<string, Pair>();
  for (const edge of edges) {
    const id = `${edge.from} → ${edge.to}`;
    const pair = found.get(id) ?? { id, from: edge.from, to: edge.to, shown: edge };
    pair[edge.side] = edge;
    pair.shown = pair.client ?? edge;
    found.set(id, pair);
  }
  return [...found.values()];
}

export function layout(topology: Topology, isUpright: boolean): Drawn {
  const graph = new Graph({ directed: true });
  graph.setGraph({ rankdir: isUpright ? "TB" : "LR", nodesep: isUpright ? 24 : 34, ranksep: isUpright ? 40 : 66, marginx: 12, marginy: 12 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of topology.nodes) graph.setNode(node.id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  const all = pairs(topology.edges);
  // An application that asks itself is drawn as a node alone.
  const drawn = all.filter((pair) => pair.from !== pair.to);
  for (const pair of drawn) {
    const weight = Math.ceil(Math.log10(pair.shown.calls + 1));
    graph.setEdge(pair.from, pair.to, { weight, width: LABEL_WIDTH, height: LABEL_HEIGHT, labelpos: "c" });
  }
  arrange(graph);
  const size = graph.graph() as { width: number; height: number };
  return {
    width: size.width,
    height: size.height,
    nodes: topology.nodes.map((node) => {
      const { x, y } = graph.node(node.id) as XY;
      return { ...node, x, y };
    }),
    pairs: drawn.map((pair) => {
      const { points, x, y } = graph.edge(pair.from, pair.to) as XY & { points: XY[] };
      return { ...pair, path: curve(points), label: { x, y } };
    }),
  };
}

interface XY {
  x: number;
  y: number;
}

/** A smooth line through the points: quadratic pieces that meet half way. */
export function curve(points: XY[]): string {
  const [first, ...rest] = points;
  const last = rest.pop();
  if (first === undefined || last === undefined) return "";
  const at = (p: XY) => `${p.x.toFixed(1)} ${p.y.toFixed(1)}`;
  let path = `M${at(first)}`;
  rest.forEach((point, i) => {
    const next = rest[i + 1];
    const end = next === undefined ? last : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    path += `Q${at(point)} ${at(end)}`;
  });
  return rest.length === 0 ? `${path}L${at(last)}` : path;
}
