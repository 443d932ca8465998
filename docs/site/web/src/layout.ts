import source from "worker:./layout.worker.ts";
import type { Job, Placed } from "./layout.worker";

// The worker's program stands inside this script: a page opened from a disk may start a
// worker from memory, but not from a file.
let worker: Worker | undefined;
let next = 0;
const waiting = new Map<number, (p: Placed) => void>();

export function place(nodes: Job["nodes"], edges: Job["edges"], rank = 46): Promise<Placed> {
  if (!worker) {
    worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
    worker.onmessage = (e: MessageEvent<Placed>) => { waiting.get(e.data.id)?.(e.data); waiting.delete(e.data.id); };
  }
  const id = next++;
  return new Promise((resolve, reject) => {
    waiting.set(id, resolve);
    worker!.onerror = (e) => reject(new Error("The layout failed: " + e.message));
    worker!.postMessage({ id, nodes, edges, rank } satisfies Job);
  });
}
export type { Placed };
