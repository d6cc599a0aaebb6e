import type { AgentDefinition } from "a2a-fleet";
import { referenceImages } from "./reference-images";

export const inventory: AgentDefinition = {
  name: "inventory",
  description: "Knows what is in stock, where, and what runs low",
  version: "1.0.0",
  port: 3000,
  minReplicas: 1,
  maxReplicas: 10,
  scaling: { kind: "http", concurrentRequests: 50 },
  taskDeadlineSeconds: 300,
  heartbeatSeconds: 15,
  resubscribe: true,
  healthPath: "/health",
  readyPath: "/ready",
  secrets: { API_TOKEN: "inventory-api-token" },
  attested: { ...referenceImages, version: "1.0.0" },
  skills: [
    {
      id: "stock-level",
      name: "Stock level",
      description: "Says how many of an article are in each warehouse",
      tags: ["stock", "warehouse"],
      examples: ["How many of SKU-12345 do we have in Rotterdam?"],
    },
    {
      id: "low-stock",
      name: "Low stock",
      description: "Lists the articles that are below their reorder point",
      tags: ["stock", "reorder"],
    },
  ],
};
