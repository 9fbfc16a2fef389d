import { placed } from "./layout";
import type { Plan } from "./tidy";

/** Dagre takes seconds on large graphs: here it holds up nobody. */
self.onmessage = ({ data }: MessageEvent<Plan>) => self.postMessage(placed(data));
