/** What the agents can do. Small and real: no text generator is needed. */
import type { MakeSkills } from "../../fleet/app.js";
import { lowStock, stockLevel } from "./inventory.js";
import { delegate } from "./orchestrator.js";
import { createPurchaseOrder } from "./procurement.js";

export const makeSkills: MakeSkills = (tools) => ({
  "create-purchase-order": createPurchaseOrder(tools),
  delegate: delegate(tools),
  "low-stock": lowStock,
  "stock-level": stockLevel,
});
