import type { AgentDefinition } from "a2a-fleet";
import { referenceImages } from "./reference-images";

export const procurement: AgentDefinition = {
  name: "procurement",
  description: "Orders what is needed from the supplier who has it",
  version: "1.0.0",
  port: 3000,
  minReplicas: 1,
  maxReplicas: 5,
  scaling: { kind: "http", concurrentRequests: 50 },
  taskDeadlineSeconds: 300,
  heartbeatSeconds: 15,
  resubscribe: true,
  healthPath: "/health",
  readyPath: "/ready",
  secrets: { ERP_TOKEN: "procurement-erp-token" },
  attested: { ...referenceImages, version: "1.0.0" },
  skills: [
    {
      id: "create-purchase-order",
      name: "Create purchase order",
      description: "Creates a purchase order and sends it to the supplier",
      tags: ["purchase", "supplier"],
    },
  ],
};
