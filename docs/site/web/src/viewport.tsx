import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Placed } from "./layout";

/** Viewport pans with the pointer, zooms with the wheel, and fits what it shows at first. */
export function Viewport({ placed, focus, label, children, tools }: { placed: Placed; focus?: number; label: string; children: ComponentChildren; tools?: ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  const [view, set] = useState({ x: 0, y: 0, k: 1 });
  const fit = () => {
    const el = box.current;
    if (!el) return;
    const k = Math.min(1, el.clientWidth / placed.width, el.clientHeight / placed.height);
    const readable = Math.max(k, 0.55);
    const c: [number, number] = focus !== undefined && readable > k ? placed.nodes[focus]! : [placed.width / 2, placed.height / 2];
    set({ k: readable, x: el.clientWidth / 2 - c[0] * readable, y: el.clientHeight / 2 - c[1] * readable });
  };
  useLayoutEffect(fit, [placed, focus]);
  const zoom = (factor: number, cx?: number, cy?: number) => set((v) => {
    const el = box.current!;
    const k = Math.min(2.5, Math.max(0.1, v.k * factor)), x = cx ?? el.clientWidth / 2, y = cy ?? el.clientHeight / 2;
    return { k, x: x - ((x - v.x) * k) / v.k, y: y - ((y - v.y) * k) / v.k };
  });
  useEffect(() => {
    const el = box.current!;
    const wheel = (e: WheelEvent) => {
      e.preventDefault();
      const r = el.getBoundingClientRect();
      zoom(Math.exp(-e.deltaY / 400), e.clientX - r.left, e.clientY - r.top);
    };
    el.addEventListener("wheel", wheel, { passive: false });
    return () => el.removeEventListener("wheel", wheel);
  }, []);
  const down = (e: PointerEvent) => {
    if (e.button !== 0 || (e.target as Element).closest("a,button")) return;
    const el = box.current!;
    el.setPointerCapture(e.pointerId);
    let px = e.clientX, py = e.clientY;
    const move = (m: PointerEvent) => {
      const dx = m.clientX - px, dy = m.clientY - py;
      px = m.clientX; py = m.clientY;
      set((v) => ({ ...v, x: v.x + dx, y: v.y + dy }));
    };
    el.addEventListener("pointermove", move);
    el.addEventListener("pointerup", () => el.removeEventListener("pointermove", move), { once: true });
  };
  // A node that gets the focus by keyboard comes into view.
  const reveal = (e: FocusEvent) => {
    const el = box.current!, node = (e.target as Element).closest("[data-node]");
    el.scrollTo(0, 0);
    if (!node) return;
    const r = node.getBoundingClientRect(), b = el.getBoundingClientRect(), m = 24;
    const dx = r.left < b.left + m ? b.left + m - r.left : r.right > b.right - m ? b.right - m - r.right : 0;
    const dy = r.top < b.top + m ? b.top + m - r.top : r.bottom > b.bottom - m ? b.bottom - m - r.bottom : 0;
    if (dx || dy) set((v) => ({ ...v, x: v.x + dx, y: v.y + dy }));
  };
  return <div class="viewport-wrap">
    <div class="viewport" ref={box} onPointerDown={down} onFocusIn={reveal} role="group" aria-label={label}
      onKeyDown={(e) => { if (e.key === "+" || e.key === "=") zoom(1.25); else if (e.key === "-") zoom(0.8); else if (e.key === "0") fit(); }}>
      <div class="plane" style={{ width: placed.width + "px", height: placed.height + "px", transform: `translate(${view.x}px,${view.y}px) scale(${view.k})` }}>{children}</div>
    </div>
    <div class="zoom" role="group" aria-label="Zoom">
      <button aria-label="Zoom in" onClick={() => zoom(1.25)}>+</button>
      <button aria-label="Zoom out" onClick={() => zoom(0.8)}>−</button>
      <button onClick={fit}>Fit</button>
      {tools}
    </div>
  </div>;
}

/** curve draws an edge through its points, level where it leaves and arrives. */
export function curve(points: [number, number][]): string {
  let [x, y] = points[0]!;
  let d = `M${x},${y}`;
  for (const [nx, ny] of points.slice(1)) {
    const mid = (x + nx) / 2;
    d += `C${mid},${y} ${mid},${ny} ${nx},${ny}`;
    [x, y] = [nx, ny];
  }
  return d;
}

/** Edges draws lines with an arrow; marked ones stand out by width and dash, not by colour alone. */
export function Edges({ placed, marked }: { placed: Placed; marked?: (edge: number) => boolean }) {
  return <svg class="edges" width={placed.width} height={placed.height} aria-hidden="true">
    <defs><marker id="arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0.8 L7.5,4 L0,7.2 z" /></marker></defs>
    {placed.edges.map((p, i) => <path key={i} d={curve(p)} class={marked?.(i) ? "on" : ""} marker-end="url(#arrow)" />)}
  </svg>;
}
