import { agentRule } from "../rule";

/** Every platform refuses weights that aren't 100 together, after the new revision was made. */
export const trafficAddsUp = agentRule("traffic-adds-up", ({ traffic }) => {
  const total = traffic.reduce((sum, { percent }) => sum + percent, 0);
  return total === 100 ? undefined : `the weights of its traffic add up to ${total} percent; make them 100`;
});
