/** What the spans of a trace say together: tree, time of their own, critical path. */

import type { Span } from "../api/types";

export interface Node {
  span: Span;
  depth: number;
  children: Node[];
  /** µs in which no child ran. */
  self_us: number;
  /** µs of the critical path that are its own. */
  critical_us: number;
}

export interface Tree {
  roots: Node[];
  byId: Map<string, Node>;
  /** Parents before their children, children by their begin. */
  all: Node[];
}

const end = (span: Span): number => span.start_us + span.duration_us;

/** The spans as a tree; a span whose parent is not there is a root of its own. */
export function tree(spans: Span[]): Tree {
  const byId = new Map<string, Node>();
  const nodes: Node[] = spans.map((span) => ({ span, depth: 0, children: [], self_us: 0, critical_us: 0 }));
  for (const node of nodes) if (!byId.has(node.span.span_id)) byId.set(node.span.span_id, node);
  const roots: Node[] = [];
  for (const node of nodes) {
    const parent = node.span.parent_span_id === null ? undefined : byId.get(node.span.parent_span_id);
    if (parent === undefined || parent === node) roots.push(node);
    else parent.children.push(node);
  }
  const all: Node[] = [];
  const order = (a: Node, b: Node) => a.span.start_us - b.span.start_us || b.span.duration_us - a.span.duration_us;
  roots.sort(order);
  const stack = roots.slice().reverse();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    all.push(node);
    node.children.sort(order);
    for (const child of node.children.slice().reverse()) {
      child.depth = node.depth + 1;
      stack.push(child);
    }
    node.self_us = selfTime(node);
  }
  return { roots, byId, all };
}

/** The span's time less the union of its children's, as far as they lie within it. */
function selfTime(node: Node): number {
  let covered = 0;
  let at = node.span.start_us;
  const last = end(node.span);
  for (const child of node.children) {
    const from = Math.max(at, child.span.start_us);
    const to = Math.min(last, end(child.span));
    if (to > from) {
      covered += to - from;
      at = to;
    }
  }
  return node.span.duration_us - covered;
}

/** A piece of the critical path. */
export interface Piece {
  id: string;
  from_us: number;
  to_us: number;
}

/**
 * What the end of the root waited for, walked backwards: of the children that ran then the
 * one that ended last, and so on before its begin. What no child covers is the span's own.
 * Pieces are in the order of time; their lengths add up to the root's duration.
 */
export function criticalPath(root: Node): Piece[] {
  const pieces: Piece[] = [];
  const add = (node: Node, from_us: number, to_us: number) => {
    if (to_us <= from_us) return;
    pieces.push({ id: node.span.span_id, from_us, to_us });
    node.critical_us += to_us - from_us;
  };
  interface Step {
    node: Node;
    /** Path of the node still to be found: from its begin, or its parent's, up to here. */
    at: number;
    floor: number;
    /** Children that may be on it, the one that ended last at the end. */
    rest: Node[];
  }
  const step = (node: Node, at: number, floor: number): Step => ({
    node,
    at,
    floor: Math.max(floor, node.span.start_us),
    rest: node.children.slice().sort((a, b) => end(a.span) - end(b.span)),
  });
  const stack = [step(root, end(root.span), root.span.start_us)];
  for (let top = stack[stack.length - 1]; top !== undefined; top = stack[stack.length - 1]) {
    const child = top.rest.pop();
    if (child === undefined) {
      add(top.node, top.floor, top.at);
      stack.pop();
      continue;
    }
    const until = Math.min(end(child.span), top.at);
    const since = Math.max(child.span.start_us, top.floor);
    // Ended after what is looked at, or not within it: it held up nothing more here.
    if (until <= since || end(child.span) > top.at) continue;
    add(top.node, until, top.at);
    top.at = since;
    stack.push(step(child, until, since));
  }
  return pieces.sort((a, b) => a.from_us - b.from_us);
}

/** Pieces by their span. Those less than `gap_us` apart, too little to be seen, are one. */
export function bySpan(pieces: Piece[], gap_us: number): Map<string, Piece[]> {
  const found = new Map<string, Piece[]>();
  for (const piece of pieces) {
    const known = found.get(piece.id);
    const last = known?.[known.length - 1];
    if (known === undefined) found.set(piece.id, [{ ...piece }]);
    else if (last !== undefined && piece.from_us - last.to_us < gap_us) last.to_us = piece.to_us;
    else known.push({ ...piece });
  }
  return found;
}
