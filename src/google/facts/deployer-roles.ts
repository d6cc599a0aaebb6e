/** The role that lets somebody grant others in a project: bounded to {@link GRANTED_ROLES} where the fleet gives it. */
export const GRANTING_ROLE = "roles/resourcemanager.projectIamAdmin";

/** What whoever deploys needs on each project: what the first deploy's page lists, and bootstrap grants. */
export const deployerRoles: readonly string[] = [
  // Every resource.
  "roles/editor",
  // Agents' service accounts are granted what they need.
  GRANTING_ROLE,
  // Who may call an agent.
  "roles/run.admin",
  // Who may pull the images.
  "roles/artifactregistry.admin",
  // Who may read a secret.
  "roles/secretmanager.admin",
  // The store's network.
  "roles/servicenetworking.networksAdmin",
];

/** What it takes to plan, and to read no secret. */
export const READER_ROLE = "roles/viewer";

/** Reads and writes state, on its bucket. */
export const STATE_ROLE = "roles/storage.objectUser";

/** Reads state alone: who only plans takes no lock. */
export const STATE_READING_ROLE = "roles/storage.objectViewer";

/** The roles that the fleet's own stacks grant in a project: no deployer needs to grant another. */
export const GRANTED_ROLES: readonly string[] = [
  "roles/cloudtrace.agent",
  "roles/logging.logWriter",
  "roles/monitoring.metricWriter",
];
