import type { AgentDefinition } from "a2a-fleet";
import { anomaly } from "./anomaly";
import { contracts } from "./contracts";
import { escalation } from "./escalation";
import { inventory } from "./inventory";
import { orchestrator } from "./orchestrator";
import { procurement } from "./procurement";
import { research } from "./research";

/** The fleet: one line an agent. */
export const agents: readonly AgentDefinition[] = [
  orchestrator,
  inventory,
  procurement,
  anomaly,
  contracts,
  escalation,
  research,
];
