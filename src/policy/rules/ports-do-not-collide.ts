import { agentRule } from "../rule";

/** Two listeners on one port: the second one never starts. */
export const portsDoNotCollide = agentRule("ports-do-not-collide", ({ port, metricsPort }) => {
  if (port !== metricsPort) return undefined;
  return `port and metricsPort are both ${port}; give metrics a port of their own, or null where there are none`;
});
