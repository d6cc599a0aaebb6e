import type { AgentDefinition } from "../../../../src/agent/agent-definition";
import { referenceImages } from "./reference-images";

export const orchestrator: AgentDefinition = {
  name: "orchestrator",
  title: "Orchestrator",
  description: "Takes a customer's request apart, delegates the parts, and answers with the whole",
  version: "1.0.0",
  audience: "customer-facing",
  perCustomer: true,
  port: 8001,
  maxReplicas: 5,
  taskDeadlineSeconds: 300,
  heartbeatSeconds: 15,
  resubscribe: true,
  healthPath: "/health",
  readyPath: "/ready",
  calls: "every-internal-agent",
  attested: { ...referenceImages, version: "1.0.0" },
  skills: [
    {
      id: "delegate",
      name: "Delegate",
      description: "Works out which agents a request needs and puts their answers together",
      tags: ["orchestration"],
    },
  ],
};
