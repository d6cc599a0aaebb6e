import type { AgentDefinition } from "../../src/agent/agent-definition";

/** What all platforms run: everything that an author can say, at values that are nobody's default. */
export const archive: AgentDefinition = {
  name: "archive",
  description: "Keeps ${documents} and finds %{them} again",
  version: "3.4.5",
  port: 8123,
  metricsPort: 9191,
  cpu: 1,
  memoryMiB: 2048,
  workers: 3,
  minReplicas: 2,
  maxReplicas: 7,
  taskDeadlineSeconds: 200,
  terminationGraceSeconds: 222,
  gracefulTimeoutSeconds: 207,
  requestTimeoutSeconds: 233,
  healthPath: "/alive",
  readyPath: "/able",
  startupSeconds: 90,
  scaling: { kind: "active-tasks", tasksPerReplica: 4 },
  variables: { ARCHIVE_SHELF: "top $(shelf)" },
  secrets: { ARCHIVE_TOKEN: "archive-token" },
  skills: [{ id: "find", name: "Find", description: "Finds a document", tags: ["archive"] }],
};
