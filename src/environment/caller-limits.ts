import type { AgentWorkload } from "../agent/agent-workload";
import { listOf } from "../problem";
import type { Environment } from "./environment";
import type { PlatformLimit } from "./platform-traits";

/** What a gateway does for an agent's callers, and something else in front of it may leave undone. */
export const callerGaps = {
  unlimited: "calls are not limited by address before the agent checks their tokens",
  host: "a caller's X-Forwarded-Host reaches the agent, which may show it the card for peers",
  busy: "an address beyond its limit is told 503 instead of 429",
} as const;

/** Says what is left undone for callers from outside, where no gateway does it. */
export function callerLimits(
  { reach }: AgentWorkload,
  { gateway }: Environment,
  gaps: readonly (keyof typeof callerGaps)[],
): PlatformLimit[] {
  if (reach === "environment" || gateway !== undefined || gaps.length === 0) return [];
  const why = `no gateway is in front: ${listOf(gaps.map((gap) => callerGaps[gap]))}`;
  return [{ aspect: "callers from outside", outcome: "changed", why }];
}
