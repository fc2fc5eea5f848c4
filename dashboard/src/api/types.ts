/** What `/api/v1/` answers, as `/api/openapi.json` describes it. Durations are µs. */

export type SpanKind = "internal" | "server" | "client" | "producer" | "consumer";

/** Statistics of some calls. */
export interface Numbers {
  calls: number;
  errors: number;
  timeouts: number;
  slow: number;
  sum_us: number;
  avg_us: number;
  min_us: number;
  max_us: number;
  error_avg_us: number;
  p50_us: number;
  p75_us: number;
  p90_us: number;
  p95_us: number;
  p99_us: number;
  apdex: number;
  /** Calls under 5, 10, 50, 100, 200, 500, 1000 ms, and longer. */
  latency: number[];
  codes: Record<string, number>;
}

export interface AppRow extends Numbers {
  app: string;
}

export interface EndpointRow extends Numbers {
  endpoint: string;
  kind: SpanKind;
  system: string;
  peer: string;
}

/** Of the names those that were asked for with `by`. */
export interface CallRow extends Numbers {
  app?: string;
  endpoint?: string;
  kind?: SpanKind;
  system?: string;
  peer?: string;
  host?: string;
}

export interface Calls {
  rows: CallRow[];
  total: number;
}

export interface Point extends Numbers {
  time_us: number;
  /** Upper end of a row in µs, and its calls. */
  heat?: [number, number][];
}

export interface Series {
  step_s: number;
  series: { app: string | null; points: Point[] }[];
}

export interface TraceRow {
  trace_id: string;
  app: string;
  endpoint: string;
  start_us: number;
  duration_us: number;
  status: "ok" | "error";
  spans: number;
  errors: number;
}

export interface Traces {
  traces: TraceRow[];
  next: string | null;
}

export type Attributes = Record<string, string | number | boolean | null>;

export interface Frame {
  file: string;
  line: number;
  function: string;
}

export interface Span {
  span_id: string;
  parent_span_id: string | null;
  name: string;
  kind: SpanKind;
  app: string;
  host: string;
  pid: number;
  coroutine_id: number;
  start_us: number;
  duration_us: number;
  status: "unset" | "ok" | "error";
  status_message: string;
  system: string;
  peer: string;
  attributes: Attributes;
  events: { name: string; time_us: number; attributes: Attributes }[];
  stack: Frame[];
  links?: { trace_id: string; span_id: string }[];
}

export interface Trace {
  trace_id: string;
  start_us: number;
  duration_us: number;
  partial: boolean;
  truncated: boolean;
  spans: Span[];
}

export interface TopologyNode {
  id: string;
  name: string;
  /** `app`, `user`, or the system: `mysql`, `redis`, `http`, … */
  type: string;
}

export interface TopologyEdge {
  from: string;
  to: string;
  side: "client" | "server";
  calls: number;
  errors: number;
  timeouts: number;
  avg_us: number;
  p95_us: number;
}

export interface Topology {
  nodes: TopologyNode[];
  edges: TopologyEdge[];
}

export interface Process {
  start_id: string;
  pid: number;
  kernel_pid: number;
  uid: number;
  gid: number;
  host: string;
  app: string;
  sapi: string;
  php: string;
  extension: string;
  swoole: string;
  title: string;
  started_us: number;
  last_seen_us: number;
  batches: number;
}

export interface Agent {
  agent_id: string;
  boot_id: string;
  host: string;
  version: string;
  started_us: number;
  now_us: number;
  connections: number;
  store_bytes: number;
  files: Record<string, number>;
  trace_bytes: number;
  shedding: boolean;
  journal_state: "all" | "shed" | "full";
  queue_bytes: number;
  dropped: Record<string, number>;
  process_drops: { app: string; host: string; reason: string; count: number }[];
  corrupt_files: string[];
}

export type Verdict = "grows" | "flat" | "once" | "undecided";

export interface LeakSite {
  file: string;
  line: number;
  function: string | null;
  kind: string;
  verdict: Verdict;
  live_bytes: number;
  bytes_per_loop: number;
  fit_r: number;
  blocks: number;
  first_loop: number;
  last_loop: number;
  live_ring: number[];
  live_ring_loops: number[];
  stack: Frame[];
  holder: { path: string; kind: string; complete: boolean }[];
}

export interface LeakReport {
  pid: number;
  sapi: string;
  loops: number;
  memory: { loops: number[]; heap_bytes: number[]; real_bytes: number[]; rss_bytes: number[] };
  sites: LeakSite[];
  notes: string[];
}

export interface LeakProcess {
  host: string;
  pid: number;
  start_id: string;
  last_seen_us: number;
  forgotten_loops: number;
  report: LeakReport;
}

export interface LeakApp {
  app: string;
  verdict: Verdict;
  growing_sites: number;
  processes: LeakProcess[];
}
