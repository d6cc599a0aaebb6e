import { type SettingsOf, traitsIn } from "../../environment/choice-traits";
import type { EdgeTraits } from "./edge-traits";
import { gatewayApiEdge } from "./gateway-api-edge";
import { nginxEdge } from "./nginx-edge";

/** Every way into a cluster: one line each. */
export const edges = [gatewayApiEdge, nginxEdge] as const;

/** The way in from outside of the cluster. */
export type EdgeSettings = SettingsOf<(typeof edges)[number]>;

/** What is known of an edge. */
export function edgeTraits({ kind }: EdgeSettings): EdgeTraits<EdgeSettings> {
  return traitsIn(edges, kind);
}
