import { useEffect, useState } from "preact/hooks";

export interface Route { path: string[]; query: URLSearchParams }

function decode(s: string): string {
  try { return decodeURIComponent(s); } catch { return s; }
}

export function parseHash(hash: string): Route {
  // Links of dbt's own site: #!/model/model.shop.orders
  const old = /^#!\/[a-z_]+\/([^/?]+)/.exec(hash);
  if (old) return { path: [decode(old[1]!)], query: new URLSearchParams() };
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { path: path.split("/").filter(Boolean).map(decode), query: new URLSearchParams(query) };
}

export function link(path: string[], query?: Record<string, string | number | undefined>): string {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(query ?? {})) if (v !== undefined && v !== "") q.set(k, String(v));
  const s = q.toString();
  return "#/" + path.map((p) => encodeURIComponent(p)).join("/") + (s ? "?" + s : "");
}

export const toNode = (id: string) => link([id]);
export const toLineage = (id: string) => link(["lineage", id]);

export function go(hash: string, replace = false) {
  if (replace) {
    history.replaceState(null, "", hash);
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  } else location.hash = hash;
}

export function useRoute(): Route {
  const [route, set] = useState(() => parseHash(location.hash));
  useEffect(() => {
    const on = () => set(parseHash(location.hash));
    addEventListener("hashchange", on);
    return () => removeEventListener("hashchange", on);
  }, []);
  return route;
}
