import { expect, it } from "vitest";

import type { Topology, TopologyEdge } from "../src/api/types";
import { curve, layout, NODE_HEIGHT, NODE_WIDTH, pairs } from "../src/model/layout";

const edge = (from: string, to: string, side: "client" | "server", calls = 1): TopologyEdge => ({
  from, to, side, calls, errors: 0, timeouts: 0, avg_us: 1, p95_us: 1,
});
const node = (id: string) => ({ id, name: id, type: "app" });

it("shows a pair as its caller counted it, and keeps both", () => {
  const found = pairs([edge("a", "b", "server", 5), edge("a", "b", "client", 6), edge("user", "a", "server", 7)]);
  expect(found.map((pair) => [pair.id, pair.shown.calls, pair.server?.calls])).toEqual([["a → b", 6, 5], ["user → a", 7, 7]]);
});

it("puts the called behind its callers, and boxes beside each other", () => {
  const topology: Topology = {
    nodes: ["user", "a", "b", "db", "cache"].map(node),
    // With a circle, and one that asks itself.
    edges: [edge("user", "a", "server"), edge("a", "b", "client"), edge("b", "db", "client"), edge("a", "cache", "client"), edge("b", "a", "client"), edge("b", "b", "client")],
  };
  for (const isUpright of [false, true]) {
    const drawn = layout(topology, isUpright);
    const at = new Map(drawn.nodes.map((one) => [one.id, isUpright ? one.y : one.x]));
    const depth = (id: string) => at.get(id) ?? NaN;
    expect(depth("user")).toBeLessThan(depth("a"));
    expect(depth("a")).toBeLessThan(depth("b"));
    expect(depth("b")).toBeLessThan(depth("db"));
    for (const one of drawn.nodes) {
      for (const other of drawn.nodes) {
        const apart = Math.abs(one.x - other.x) >= NODE_WIDTH || Math.abs(one.y - other.y) >= NODE_HEIGHT;
        expect(one === other || apart).toBe(true);
      }
      expect(one.x).toBeGreaterThan(0);
      expect(one.x).toBeLessThan(drawn.width);
    }
    expect(drawn.pairs).toHaveLength(5);
  }
});

it("draws through two points and more", () => {
  expect(curve([{ x: 0, y: 0 }, { x: 4, y: 2 }])).toBe("M0.0 0.0L4.0 2.0");
  expect(curve([{ x: 0, y: 0 }, { x: 4, y: 2 }, { x: 8, y: 0 }])).toBe("M0.0 0.0Q4.0 2.0 8.0 0.0");
  expect(curve([])).toBe("");
});
