import type { Core, Entity, Head, Page, SearchData, Table } from "./format";
import { TYPES, type Type } from "./format";

export const head: Head = JSON.parse(document.getElementById("head")!.textContent!);

const single = document.getElementById("chunk:core") !== null; // chunks go away as they are read

type Receive = (name: string, data: unknown) => void;
const arrived = new Map<string, (data: unknown) => void>();
const chunks = new Map<string, Promise<unknown>>();

// Data comes as scripts that call this, as a page opened from a disk may not fetch files.
(window as unknown as { millrace: Receive }).millrace = (name, data) => {
  arrived.get(name)?.(data);
  arrived.delete(name);
};

function chunk<T>(name: string): Promise<T> {
  let p = chunks.get(name);
  if (!p) {
    p = embedded(name) ?? linked(name);
    chunks.set(name, p);
  }
  return p as Promise<T>;
}

function linked(name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const s = document.createElement("script");
    s.src = `site/${name}.js?${head.build}`;
    s.onerror = () => { chunks.delete(name); reject(new Error(`site/${name}.js could not be read. Is the folder site/ beside index.html complete?`)); };
    s.onload = () => s.remove();
    arrived.set(name, resolve);
    document.head.append(s);
  });
}

/** fileURL is where a file of the manual is: beside the page, or in a single file within it. */
export async function fileURL(name: string): Promise<string> {
  if (single) return chunk<string>("file:" + name);
  return "site/files/" + name.split("/").map(encodeURIComponent).join("/") + "?" + head.build;
}

// In a single file every chunk stands in the page itself, compressed.
function embedded(name: string): Promise<unknown> | undefined {
  const el = document.getElementById("chunk:" + name);
  if (!el) return undefined;
  const packed = bytes(el.textContent!);
  el.remove();
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

export function bytes(b64: string): Uint8Array<ArrayBuffer> {
  const s = atob(b64);
  const out = new Uint8Array(s.length);
  for (let i = 0; i < s.length; i++) out[i] = s.charCodeAt(i);
  return out;
}
export const u16 = (b64: string) => new Uint16Array(bytes(b64).buffer);
export const u32 = (b64: string) => new Uint32Array(bytes(b64).buffer);

/** Docs is everything that lists, the tree, lineage and search know, column by column. */
export class Docs {
  ids: string[]; labels: string[]; pool: string[];
  type: Uint8Array; status: Uint8Array; tested: Uint8Array; flags: Uint8Array;
  cols: Uint16Array; tests: Uint16Array;
  pkg: Uint32Array; folder: Uint32Array; schema: Uint32Array; group: Uint32Array; owner: Uint32Array; mat: Uint32Array; subject: Uint32Array;

  constructor(t: Table) {
    const lines = (s: string) => (s === "" ? [] : s.split("\n"));
    this.ids = lines(t.ids); this.labels = t.ids === "" ? [] : t.labels.split("\n"); this.pool = t.pool.split("\n");
    // The label of most tests stands in their id.
    this.labels.forEach((l, i) => { if (l === "") this.labels[i] = this.ids[i]!.split(".")[2]!; });
    this.type = bytes(t.type); this.status = bytes(t.status); this.tested = bytes(t.tested); this.flags = bytes(t.flags);
    this.cols = u16(t.cols); this.tests = u16(t.tests);
    this.pkg = u32(t.pkg); this.folder = u32(t.folder); this.schema = u32(t.schema); this.group = u32(t.group);
    this.owner = u32(t.owner); this.mat = u32(t.mat); this.subject = u32(t.subject);
  }
  get length() { return this.ids.length; }
  kind(i: number): Type { return TYPES[this.type[i]!]!; }
  text(column: Uint32Array, i: number): string { return this.pool[column[i]!]!; }

  private byID?: Map<string, number>;
  index(id: string): number {
    if (!this.byID) this.byID = new Map(this.ids.map((x, i) => [x, i]));
    return this.byID.get(id) ?? -1;
  }
}

/** Graph is Docs with who feeds whom, both ways, as compressed sparse rows. */
export class Graph extends Docs {
  at: Uint32Array; to: Uint32Array; backAt: Uint32Array; back: Uint32Array;
  constructor(c: Core) {
    super(c);
    this.at = u32(c.at); this.to = u32(c.to);
    const n = this.length;
    this.backAt = new Uint32Array(n + 1);
    for (const t of this.to) this.backAt[t + 1]!++;
    for (let i = 0; i < n; i++) this.backAt[i + 1]! += this.backAt[i]!;
    const next = this.backAt.slice(0, n);
    this.back = new Uint32Array(this.to.length);
    for (let i = 0; i < n; i++) for (let e = this.at[i]!; e < this.at[i + 1]!; e++) this.back[next[this.to[e]!]!++] = i;
  }
  children(i: number): Uint32Array { return this.to.subarray(this.at[i]!, this.at[i + 1]!); }
  parents(i: number): Uint32Array { return this.back.subarray(this.backAt[i]!, this.backAt[i + 1]!); }
}

let graphOnce: Promise<Graph> | undefined;
let testsOnce: Promise<Docs> | undefined;
export const graph = () => (graphOnce ??= chunk<Core>("core").then((c) => new Graph(c)));
export const tests = () => (testsOnce ??= chunk<Table>("tests").then((t) => new Docs(t)));
export const searchData = () => chunk<SearchData>("search");
export const entities = () => chunk<Entity[]>("entities");

// fnv1a over UTF-8, as the writer spreads pages.
function hash(id: string): number {
  let h = 0x811c9dc5;
  for (const b of new TextEncoder().encode(id)) h = Math.imul(h ^ b, 0x01000193);
  return h >>> 0;
}

export async function page(id: string): Promise<Page | undefined> {
  const shard = hash(id) & (head.shards - 1);
  const data = await chunk<Record<string, Page>>("p/" + shard.toString(16).padStart(3, "0"));
  return Object.hasOwn(data, id) ? data[id] : undefined;
}
