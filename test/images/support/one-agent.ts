import type { AgentDefinition } from "../../../src/agent/agent-definition";
import { inventory } from "../../support/fleet/agents/inventory";

/** An agent that can be reached from outside, and sends heartbeats every second. */
export const oneAgent: AgentDefinition = { ...inventory, audience: "customer-facing", heartbeatSeconds: 1 };
