import type { AgentDefinition } from "a2a-fleet";
import { referenceImages } from "./reference-images";

export const research: AgentDefinition = {
  name: "research",
  title: "Research Assistant",
  description: "Summarises topics and compares technologies",
  version: "1.2.0",
  port: 8000,
  cpu: 0.5,
  memoryMiB: 1024,
  scaling: { kind: "active-tasks", tasksPerReplica: 5 },
  secrets: { OPENAI_API_KEY: "openai-api-key" },
  egress: [{ host: "api.openai.com" }],
  attested: { ...referenceImages, version: "1.2.0" },
  skills: [
    {
      id: "summarize",
      name: "Topic summary",
      description: "Summarises a topic with its key facts and their context",
      tags: ["research", "summary"],
    },
    {
      id: "compare",
      name: "Comparison",
      description: "Compares technologies or approaches, for and against",
      tags: ["research", "comparison"],
    },
  ],
};
