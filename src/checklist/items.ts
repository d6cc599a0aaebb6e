import type { ChecklistItem } from "./checklist-item";
import { agentList } from "./lists/agent";
import { azureList } from "./lists/azure";
import { fleetList } from "./lists/fleet";
import { systemList } from "./lists/system";
import { scanners } from "./scanners";
import { scannerItems } from "./scanners/scanner-items";

/** The published lists, and what the project holds besides. */
export const lists: readonly ChecklistItem[] = [...agentList, ...systemList, ...azureList, ...fleetList];

/** Every item that there is. */
export const items: readonly ChecklistItem[] = [...lists, ...scannerItems(scanners)];
