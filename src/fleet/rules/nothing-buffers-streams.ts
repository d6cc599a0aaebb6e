import { agentRule } from "../../environment/rule";

/** A hop that buffers turns a stream into one answer at its end: four hours to find. */
export const nothingBuffersStreams = agentRule("nothing-buffers-streams", ({ streaming, route }) => {
  if (!streaming) return undefined;
  const buffering = [...route.hops, ...route.peerHops].find(({ buffers }) => buffers);
  if (buffering === undefined) return undefined;
  return `${buffering.name} buffers responses, so its event streams arrive when they end; turn buffering off there (${buffering.source})`;
});
