import { agentRule } from "../../environment/rule";

/** Ports of a Dapr sidecar, which shares the agent's network. @see https://docs.dapr.io/operations/configuration/ */
const sidecarPorts = [3500, 3501, 50001, 50002, 50005, 50006];

/** Two listeners on one port: the second one never starts. */
export const portsDoNotCollide = agentRule("ports-do-not-collide", ({ port, metricsPort }, { mesh }) => {
  if (port === metricsPort) {
    return `port and metricsPort are both ${port}; give metrics a port of their own, or null where there are none`;
  }
  if (mesh === undefined) return undefined;
  const taken = Object.entries({ port, metricsPort }).find(
    ([, value]) => value !== null && sidecarPorts.includes(value),
  );
  if (taken === undefined) return undefined;
  return `${taken[0]} is ${taken[1]}, which its Dapr sidecar listens on (${sidecarPorts.join(", ")}); choose another`;
});
