import type { AgentDefinition } from "a2a-fleet";

/** Answers a customer's questions, and asks the warehouse. */
const helpdesk: AgentDefinition = {
  name: "helpdesk",
  description: "Answers a customer's questions about orders",
  version: "1.0.0",
  audience: "customer-facing",
  perCustomer: true,
  calls: "every-internal-agent",
  skills: [{ id: "answer", name: "Answer", description: "Answers a question", tags: ["support"] }],
};

/** Needs a password that somebody else keeps. */
const warehouse: AgentDefinition = {
  name: "warehouse",
  description: "Knows what is on the shelves",
  version: "1.0.0",
  secrets: { API_TOKEN: "warehouse-api-token" },
  skills: [{ id: "count", name: "Count", description: "Counts an article", tags: ["stock"] }],
};

/** The examples' fleet: whatever this project's own agents are, an example can be listed beside its environments. */
export const exampleAgents: readonly AgentDefinition[] = [helpdesk, warehouse];
