import { bytes, graph, searchData, tests, u32, type Docs, type Graph } from "./data";
import { FLAG, STATUS, TYPES } from "./format";

const FIELDS = ["name", "alias", "column", "tag", "owner", "description", "column description", "test"] as const;
export type Field = (typeof FIELDS)[number];
const WEIGHT = [100, 80, 45, 40, 35, 22, 14, 30];
const ALL_FIELDS = 0xff, COLUMN = 1 << 2, TAG = 1 << 3, OWNER = 1 << 4, NAME = 3, TEXT = (1 << 5) | (1 << 6);

// What people look for first, when two hits are as good.
const TYPE_BONUS: Record<string, number> = { model: 6, source: 4, seed: 4, snapshot: 4, metric: 4, exposure: 4, macro: -8, test: -20, unit_test: -16, package: -4 };

export interface Hit { id: string; label: string; type: string; where: string; field: Field; match: string; more: string[] }
export interface Query { words: Word[]; filters: Filter[] }
interface Word { text: string; fields: number; not: boolean; exact: boolean }
interface Filter { key: string; value: string; not: boolean }

const FIELD_KEYS: Record<string, number> = { col: COLUMN, column: COLUMN, tag: TAG, owner: OWNER, name: NAME, desc: TEXT, description: TEXT };
const FILTER_KEYS = new Set(["type", "group", "package", "pkg", "path", "schema", "mat", "materialized", "status", "is"]);

/** parse reads words, "quoted words", key:value and -not. */
export function parse(text: string): Query {
  const q: Query = { words: [], filters: [] };
  for (const m of text.matchAll(/(-?)(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))/gi)) {
    const not = m[1] === "-", key = (m[2] ?? "").toLowerCase(), exact = m[3] !== undefined;
    const value = (m[3] ?? m[4] ?? "").toLowerCase();
    if (value === "") continue;
    if (key in FIELD_KEYS) q.words.push({ text: value, fields: FIELD_KEYS[key]!, not, exact });
    else if (FILTER_KEYS.has(key)) q.filters.push({ key, value, not });
    else q.words.push({ text: key ? `${key}:${value}` : value, fields: ALL_FIELDS, not, exact });
  }
  return q;
}

export async function open(): Promise<Searcher> {
  const [g, t, data] = await Promise.all([graph(), tests(), searchData()]);
  return new Searcher(g, t, data);
}
let once: Promise<Searcher> | undefined;
export const searcher = () => (once ??= open());

/** Found is what one word matched, by doc: the best score (0 is none) and where it was. */
interface Found { score: Float32Array; field: Uint8Array; term: Int32Array; columnDocs: number[]; columnTerms: number[]; count: number }

export class Searcher {
  private terms: string[];
  private blob: string; // all terms, for finding parts of words at the speed of the browser's own search
  private start: Uint32Array;
  private at: Uint32Array; private posts: Uint8Array;
  private gramKeys: Uint32Array; private gramAt: Uint32Array; private grams: Uint8Array;
  private nCore: number; private n: number;

  constructor(private g: Graph, private t: Docs, data: { terms: string; at: string; posts: string; gramKeys: string; gramAt: string; grams: string }) {
    this.blob = "\n" + data.terms + "\n";
    this.terms = data.terms.split("\n");
    this.start = new Uint32Array(this.terms.length + 1);
    let pos = 1;
    this.terms.forEach((s, i) => { this.start[i] = pos; pos += s.length + 1; });
    this.start[this.terms.length] = pos;
    this.at = u32(data.at); this.posts = bytes(data.posts);
    this.gramKeys = u32(data.gramKeys); this.gramAt = u32(data.gramAt); this.grams = bytes(data.grams);
    this.nCore = g.length; this.n = g.length + t.length;
  }

  find(text: string, limit = 60): { hits: Hit[]; total: number } {
    const q = parse(text);
    if (q.words.length === 0 && q.filters.length === 0) return { hits: [], total: 0 };
    const words = q.words.filter((w) => !w.not).map((w) => this.word(w));
    const without = q.words.filter((w) => w.not).map((w) => this.word({ ...w, exact: true }));
    const filters = q.filters.map((f) => ({ keeps: this.filter(f), not: f.not }));
    // The best are kept in order while all are counted: sorting ten thousand to show sixty is slow.
    const best: number[] = [], scores: number[] = [];
    let total = 0;
    for (let doc = 0; doc < this.n; doc++) {
      let score = 0;
      let all = true;
      for (const w of words) {
        const s = w.score[doc]!;
        if (s === 0) { all = false; break; }
        score += s;
      }
      if (!all || without.some((w) => w.score[doc]! > 0)) continue;
      const d = doc < this.nCore ? this.g : this.t, i = doc < this.nCore ? doc : doc - this.nCore;
      if (!filters.every((f) => f.keeps(d, i) !== f.not)) continue;
      total++;
      score += (TYPE_BONUS[TYPES[d.type[i]!]!] ?? 0) + (d.flags[i]! & FLAG.builtin ? -30 : 0) - Math.min(d.labels[i]!.length, 40) / 10;
      if (best.length === limit && score <= scores[limit - 1]!) continue;
      let at = best.length;
      while (at > 0 && scores[at - 1]! < score) at--;
      best.splice(at, 0, doc); scores.splice(at, 0, score);
      if (best.length > limit) { best.pop(); scores.pop(); }
    }
    const columns = new Map<number, Set<number>>(best.map((doc) => [doc, new Set()]));
    for (const w of words) for (let k = 0; k < w.columnDocs.length; k++) columns.get(w.columnDocs[k]!)?.add(w.columnTerms[k]!);
    return { hits: best.map((doc) => this.hit(doc, words, columns.get(doc)!)), total };
  }

  private doc(doc: number): [Docs, number] { return doc < this.nCore ? [this.g, doc] : [this.t, doc - this.nCore]; }

  private hit(doc: number, words: Found[], columns: Set<number>): Hit {
    const [d, i] = this.doc(doc);
    const where = d.kind(i) === "source" ? d.text(d.schema, i) : [d.text(d.pkg, i), d.text(d.folder, i)].filter(Boolean).join("/");
    let top: Found | undefined;
    for (const w of words) if (!top || w.score[doc]! > top.score[doc]!) top = w;
    const term = top ? top.term[doc]! : -1;
    return { id: d.ids[i]!, label: d.labels[i]!, type: d.kind(i), where, field: FIELDS[top ? top.field[doc]! : 0]!, match: term >= 0 ? this.terms[term]! : "", more: [...columns].slice(0, 5).map((t) => this.terms[t]!) };
  }

  /** filter says what a key:value keeps. Values are compared with the pool of strings once, not with every doc. */
  private filter(f: Filter): (d: Docs, i: number) => boolean {
    const pooled = (column: (d: Docs) => Uint32Array, match: (s: string) => boolean) => {
      const known = new Map<Docs, Uint8Array>();
      return (d: Docs, i: number) => {
        let kept = known.get(d);
        if (!kept) known.set(d, (kept = Uint8Array.from(d.pool, (s) => (match(s.toLowerCase()) ? 1 : 0))));
        return kept[column(d)[i]!] === 1;
      };
    };
    const same = (s: string) => s === f.value, part = (s: string) => s.includes(f.value);
    switch (f.key) {
      case "type": {
        const wanted = f.value.split(","), kept = TYPES.map((t) => wanted.some((v) => t === v || t === v.replace(/s$/, "") || (v === "test" && t === "unit_test")));
        return (d, i) => kept[d.type[i]!]!;
      }
      case "group": return pooled((d) => d.group, same);
      case "package": case "pkg": return pooled((d) => d.pkg, same);
      case "path": return pooled((d) => d.folder, part);
      case "schema": return pooled((d) => d.schema, part);
      case "mat": case "materialized": return pooled((d) => d.mat, same);
      case "status": {
        const kept = STATUS.map((t) => t === f.value || (f.value === "fail" && t === "error") || (f.value === "success" && t === "pass"));
        return (d, i) => kept[d.status[i]!]!;
      }
      default: return (d, i) => this.is(d, i, f.value);
    }
  }

  private is(d: Docs, i: number, what: string): boolean {
    const data = ["model", "seed", "snapshot", "source"].includes(d.kind(i));
    switch (what) {
      case "undocumented": return data && !(d.flags[i]! & FLAG.described);
      case "untested": return data && d.tests[i] === 0;
      case "contract": return (d.flags[i]! & FLAG.contract) > 0;
      case "stream": return (d.flags[i]! & FLAG.stream) > 0;
      case "failing": return d.status[i] === 4 || d.tested[i] === 4;
    }
    return false;
  }

  /** word finds the docs of one word: terms that hold it, and when these are few, terms like it. */
  private word(w: Word): Found {
    const found: Found = { score: new Float32Array(this.n), field: new Uint8Array(this.n), term: new Int32Array(this.n), columnDocs: [], columnTerms: [], count: 0 };
    const q = w.text;
    for (const t of this.containing(q, 2000)) this.collect(found, t, quality(q, this.terms[t]!), w.fields);
    if (!w.exact && found.count < 10 && q.length >= 3) {
      for (const [t, score] of this.similar(q)) this.collect(found, t, score, w.fields);
    }
    if (w.fields & 1 && q.length >= 4) this.testNames(found, q);
    return found;
  }

  private collect(found: Found, term: number, q: number, fields: number) {
    const { posts } = this;
    let v = 0;
    for (let p = this.at[term]!, end = this.at[term + 1]!; p < end;) {
      let b = posts[p++]!, delta = b & 0x7f;
      for (let shift = 7; b & 0x80; shift += 7) { b = posts[p++]!; delta |= (b & 0x7f) << shift; }
      v += delta;
      const field = v & 7, doc = v >>> 3;
      if (!((1 << field) & fields)) continue;
      if (field === 2) { found.columnDocs.push(doc); found.columnTerms.push(term); }
      this.note(found, doc, q * WEIGHT[field]!, field, term);
    }
  }

  private note(found: Found, doc: number, score: number, field: number, term: number) {
    const old = found.score[doc]!;
    if (old >= score) return;
    if (old === 0) found.count++;
    found.score[doc] = score; found.field[doc] = field; found.term[doc] = term;
  }

  private containing(q: string, limit: number): number[] {
    const out: number[] = [];
    // One and two letters: only beginnings of terms, else everything would match.
    const needle = q.length < 3 ? "\n" + q : q;
    const skip = q.length < 3 ? 1 : 0;
    for (let p = this.blob.indexOf(needle); p >= 0 && out.length < limit;) {
      const t = this.termAt(p + skip);
      out.push(t);
      p = this.blob.indexOf(needle, this.start[t + 1]! - 1);
    }
    return out;
  }

  private termAt(pos: number): number {
    let lo = 0, hi = this.terms.length - 1;
    while (lo < hi) {
      const mid = (lo + hi + 1) >> 1;
      if (this.start[mid]! <= pos) lo = mid; else hi = mid - 1;
    }
    return lo;
  }

  /** similar finds misspellings by shared trigrams and a small edit distance, and abbreviations such as fctord for fct_orders. */
  private similar(q: string): [number, number][] {
    const count = new Map<number, number>();
    const grams = trigrams(q);
    for (const key of grams) {
      const k = this.gram(key);
      if (k < 0) continue;
      let v = 0;
      for (let p = this.gramAt[k]!, end = this.gramAt[k + 1]!; p < end;) {
        let shift = 0, b: number, delta = 0;
        do { b = this.grams[p++]!; delta |= (b & 0x7f) << shift; shift += 7; } while (b & 0x80);
        v += delta;
        count.set(v, (count.get(v) ?? 0) + 1);
      }
    }
    const best = [...count].filter(([, c]) => c >= Math.max(1, Math.floor(grams.length / 4))).sort((a, b) => b[1] - a[1]).slice(0, 400);
    const out: [number, number][] = [];
    const allowed = q.length < 5 ? 1 : 2;
    for (const [t] of best) {
      const term = this.terms[t]!;
      let near = distance(q, term.slice(0, q.length + allowed), allowed);
      for (const part of term.split(/[_.\-\s]/)) near = Math.min(near, distance(q, part, allowed));
      if (near <= allowed) out.push([t, 0.45 - near * 0.1]);
      else if (subsequence(q, term)) out.push([t, 0.3]);
    }
    return out;
  }

  private gram(key: number): number {
    let lo = 0, hi = this.gramKeys.length - 1;
    while (lo <= hi) {
      const mid = (lo + hi) >> 1, k = this.gramKeys[mid]!;
      if (k === key) return mid;
      if (k < key) lo = mid + 1; else hi = mid - 1;
    }
    return -1;
  }

  // Generic tests are indexed by what they test; a pasted full name is found here.
  private testBlob?: string;
  private testStart?: Uint32Array;
  private testNames(found: Found, q: string) {
    if (!q.includes("_")) return;
    if (!this.testBlob || !this.testStart) {
      this.testBlob = "\n" + this.t.labels.join("\n").toLowerCase() + "\n";
      this.testStart = new Uint32Array(this.t.length + 1);
      let pos = 1;
      this.t.labels.forEach((s, i) => { this.testStart![i] = pos; pos += s.length + 1; });
      this.testStart[this.t.length] = pos;
    }
    let n = 0;
    for (let p = this.testBlob.indexOf(q); p >= 0 && n < 200; n++) {
      let lo = 0, hi = this.t.length - 1;
      while (lo < hi) { const mid = (lo + hi + 1) >> 1; if (this.testStart[mid]! <= p) lo = mid; else hi = mid - 1; }
      const doc = this.nCore + lo;
      this.note(found, doc, quality(q, this.t.labels[lo]!.toLowerCase()) * 90, 0, -1);
      p = this.testBlob.indexOf(q, this.testStart[lo + 1]! - 1);
    }
  }
}

/** quality: the whole term, then its beginning, then the beginning of one of its words, then a part. */
function quality(q: string, term: string): number {
  if (term === q) return 1;
  const p = term.indexOf(q);
  const longer = Math.min(0.15, (term.length - q.length) / 200);
  if (p === 0) return 0.85 - longer;
  if (p > 0 && /[_.\-\s/]/.test(term[p - 1]!)) return 0.7 - longer;
  return 0.5 - longer;
}

function trigrams(s: string): number[] {
  const out: number[] = [];
  let a = 0, b = 0, n = 0;
  for (const ch of s) {
    const c = ch.codePointAt(0)! & 0x3ff;
    if (++n > 1) out.push(((a << 20) | (b << 10) | c) >>> 0);
    a = b; b = c;
  }
  return out;
}

function subsequence(q: string, term: string): boolean {
  let i = 0;
  for (let j = 0; j < term.length && i < q.length; j++) if (term[j] === q[i]) i++;
  return i === q.length;
}

/** distance with neighbouring letters swapped counted as one; anything above max is max + 1. */
function distance(a: string, b: string, max: number): number {
  if (Math.abs(a.length - b.length) > max) return max + 1;
  let prev2: number[] = [], prev = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      let d = Math.min(prev[j]! + 1, row[j - 1]! + 1, prev[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d = Math.min(d, prev2[j - 2]! + 1);
      row.push(d);
      least = Math.min(least, d);
    }
    if (least > max) return max + 1;
    prev2 = prev; prev = row;
  }
  return prev[b.length]!;
}
