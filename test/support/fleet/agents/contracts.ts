import type { AgentDefinition } from "../../../../src/agent/agent-definition";
import { referenceImages } from "./reference-images";

export const contracts: AgentDefinition = {
  name: "contracts",
  title: "Contract Lookup",
  description: "Looks up what a contract says",
  version: "1.0.0",
  port: 8001,
  secrets: { CONTRACTS_API_KEY: "contracts-api-key" },
  attested: { ...referenceImages, version: "1.0.0" },
  skills: [
    {
      id: "find-clause",
      name: "Find clause",
      description: "Finds the clause of a contract that answers a question, and quotes it",
      tags: ["contract", "lookup"],
    },
  ],
};
