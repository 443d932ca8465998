// The data format as docs/site writes it; docs/site/README.md describes it.

export const TYPES = ["model", "seed", "snapshot", "source", "analysis", "exposure", "metric", "semantic_model", "saved_query",
  "function", "macro", "group", "package", "test", "unit_test", "page"] as const;
export type Type = (typeof TYPES)[number];

export const STATUS = ["none", "pass", "skipped", "warn", "error"] as const;

export const FLAG = { builtin: 1, described: 2, contract: 4, stream: 8 } as const;

export interface Head {
  title: string; project: string; adapter?: string; generated?: string; dbt?: string; program?: string; live?: string;
  build: string; shards: number; entities: number; overview?: string; pages?: string[];
  counts: Partial<Record<Type, number>>;
  coverage: { models: number; described: number; tested: number; columns: number; columnsDescribed: number };
  run?: { at: string; command?: string; elapsed: number; counts: Record<string, number>; slow?: RunRow[]; bad?: RunRow[] };
}
export type RunRow = [id: string, label: string, status: string, seconds: number, message: string];

export interface Table {
  ids: string; labels: string; pool: string; type: string; status: string; tested: string; flags: string; cols: string; tests: string;
  pkg: string; folder: string; schema: string; group: string; owner: string; mat: string; subject: string;
}
export interface Core extends Table { at: string; to: string }
export interface SearchData { terms: string; at: string; posts: string; gramKeys: string; gramAt: string; grams: string }

export interface Column { n: string; t?: string; d?: string; constraints?: { type: string; expression?: string }[]; tags?: string[]; meta?: unknown; quote?: boolean; granularity?: string }
export type Link = [id: string, label: string, relation?: string];
export type TestRow = [id: string, label: string, column: string, status: string, failures: number | null, severity?: string];
export type HistoryRow = [at: string, status: string, seconds: number, rows: number | null, failures: number | null, message?: string];
/** A column of the page, and the column of another node that it comes from (colEdges) or goes to (colUses). */
export type ColumnEdge = [column: string, node: string, nodeColumn: string, kind: string, approximate?: "approximate"];
export type Entity = [from: string, fromColumn: string, to: string, toColumn: string, test: string, status: number];

export interface Page {
  id: string; type: Type; name: string; label?: string; pkg: string; path?: string; desc?: string; owner?: string; email?: string;
  tags?: string[]; group?: string; access?: string; version?: string; latest?: string; mat?: string; alias?: string; database?: string;
  schema?: string; relation?: string; relkind?: string; comment?: string; stats?: Record<string, { label: string; value: unknown; include: boolean; description?: string }>;
  contract?: 1; severity?: string; test?: string; column?: string; cols?: Column[]; parents?: Link[]; children?: Link[]; macros?: Link[];
  usedBy?: Link[]; tests?: TestRow[]; runs?: HistoryRow[]; fresh?: Record<string, unknown>; stream?: Record<string, unknown>;
  colEdges?: ColumnEdge[]; colUses?: ColumnEdge[]; text?: string; links?: Record<string, string>; raw?: string; compiled?: string; language?: string; constraints?: { type: string; columns?: string[]; expression?: string }[];
  [fact: string]: unknown;
}
