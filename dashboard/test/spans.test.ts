import { describe, expect, it } from "vitest";

import type { Span } from "../src/api/types";
import { inSight, laneLines, treeLines } from "../src/model/rows";
import { bySpan, criticalPath, tree, type Piece, type Tree } from "../src/model/spans";

function span(id: string, parent: string | null, start_us: number, duration_us: number, coroutine_id = -1): Span {
  return {
    span_id: id, parent_span_id: parent, name: id, kind: "internal", app: "shop", host: "web1", pid: 1, coroutine_id,
    start_us, duration_us, status: "unset", status_message: "", system: "", peer: "", attributes: {}, events: [], stack: [],
  };
}

function path(found: Tree): Piece[] {
  const root = found.roots[0];
  if (root === undefined) throw new Error("no root");
  return criticalPath(root);
}

const text = (pieces: Piece[]) => pieces.map((p) => `${p.id} ${p.from_us}-${p.to_us}`);

describe("tree", () => {
  it("hangs spans below their parents, orphans at the top", () => {
    const found = tree([span("root", null, 0, 100), span("b", "root", 50, 10), span("a", "root", 10, 10), span("lost", "gone", 5, 1)]);
    expect(found.all.map((node) => [node.span.span_id, node.depth])).toEqual([["root", 0], ["a", 1], ["b", 1], ["lost", 0]]);
  });

  it("counts time of its own once where children overlap or outlast it", () => {
    const found = tree([span("root", null, 0, 100), span("a", "root", 10, 40), span("b", "root", 30, 40), span("c", "root", 90, 50)]);
    expect(found.byId.get("root")?.self_us).toBe(100 - 60 - 10);
  });

  it("is not caught in a span that is its own parent", () => {
    expect(tree([span("a", "a", 0, 1)]).all).toHaveLength(1);
  });
});

describe("critical path", () => {
  it("follows what ended last, backwards", () => {
    const found = tree([span("root", null, 0, 100), span("a", "root", 10, 30), span("b", "root", 20, 60), span("c", "b", 30, 20)]);
    expect(text(path(found))).toEqual(["root 0-20", "b 20-30", "c 30-50", "b 50-80", "root 80-100"]);
  });

  it("goes on with what ended before that began", () => {
    const found = tree([span("root", null, 0, 100), span("a", "root", 0, 40), span("b", "root", 50, 50)]);
    expect(text(path(found))).toEqual(["a 0-40", "root 40-50", "b 50-100"]);
  });

  it("leaves out what nobody waited for", () => {
    const found = tree([span("root", null, 0, 100), span("late", "root", 50, 500), span("a", "root", 10, 20)]);
    expect(text(path(found))).toEqual(["root 0-10", "a 10-30", "root 30-100"]);
  });

  it("adds up to the root's duration, ten thousand deep as well", () => {
    const deep = Array.from({ length: 10_000 }, (_, i) => span(`s${i}`, i === 0 ? null : `s${i - 1}`, i, 30_000 - 2 * i));
    const pieces = path(tree(deep));
    expect(pieces.reduce((sum, p) => sum + p.to_us - p.from_us, 0)).toBe(30_000);
    const wide = [span("root", null, 0, 10_000), ...Array.from({ length: 9_999 }, (_, i) => span(`w${i}`, "root", i, 1))];
    expect(path(tree(wide)).reduce((sum, p) => sum + p.to_us - p.from_us, 0)).toBe(10_000);
  });
});

it("draws pieces that touch as one", () => {
  const pieces = [0, 10, 30].map((from_us) => ({ id: "a", from_us, to_us: from_us + 9 }));
  expect(bySpan(pieces, 5).get("a")).toEqual([{ id: "a", from_us: 0, to_us: 19 }, { id: "a", from_us: 30, to_us: 39 }]);
});

describe("lines of the waterfall", () => {
  const found = tree([span("root", null, 0, 100, 1), span("a", "root", 10, 40, 2), span("b", "a", 30, 5, 2), span("c", "root", 60, 5, 1)]);

  it("hides what is below a closed span, and says how much", () => {
    const lines = treeLines(found, new Set(["a"]));
    expect(lines.map((line) => (line.type === "span" ? [line.node.span.span_id, line.hidden] : []))).toEqual([["root", 0], ["a", 1], ["c", 0]]);
  });

  it("gives every coroutine a lane", () => {
    const lines = laneLines(found).map((line) => (line.type === "lane" ? `${line.label}: ${line.spans}` : line.node.span.span_id));
    expect(lines).toEqual(["pid 1 · #1: 2", "root", "c", "pid 1 · #2: 2", "a", "b"]);
  });

  it("draws what is in sight", () => {
    expect(inSight(10_000, 26, 0, 620)).toEqual([0, 32]);
    expect(inSight(10_000, 26, 26_000, 620)).toEqual([992, 1_032]);
    expect(inSight(3, 26, 0, 620)).toEqual([0, 3]);
  });
});
