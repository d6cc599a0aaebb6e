import { z } from "zod";
import { hostOrAddress, secretName } from "../shapes";
import type { TaskStoreTraits } from "./task-store-traits";

/**
 * A Postgres that exists. Each agent has a database there and a role that owns it, both called after its environment and
 * itself with underscores (`staging_orchestrator_acme`); the fleet makes neither.
 */
export interface ExistingPostgres {
  readonly kind: "existing-postgres";
  readonly host: string;
  /** @default 5432 */
  readonly port?: number;
  /**
   * Address range it is reached at, where that is a private one: network policies know no names.
   *
   * @default - public addresses
   */
  readonly cidr?: string;
  /**
   * `verify-full` where public authorities signed its certificate; `require` encrypts without a look at who answers.
   *
   * @default "verify-full"
   */
  readonly sslMode?: "verify-full" | "require";
  /**
   * Start of the names of the secrets with the roles' passwords: `<this>-<agent>`, one for each.
   *
   * @default "task-store-password"
   */
  readonly passwordSecret?: string;
}

export const existingPostgres: TaskStoreTraits<ExistingPostgres> = {
  kind: "existing-postgres",
  title: "a Postgres that exists",
  place: "anywhere",
  shared: true,
  apart: "login",
  schema: z.strictObject({
    kind: z.literal("existing-postgres"),
    host: hostOrAddress,
    port: z.int().min(1).max(65535).optional(),
    cidr: z.cidrv4().optional(),
    sslMode: z.enum(["verify-full", "require"]).optional(),
    passwordSecret: secretName.optional(),
  }),
  secrets: (settings, agents) =>
    agents.map((agent) => ({ property: "passwordSecret", name: passwordSecretOf(settings, agent) })),
};

/** Name of the secret with the password of one agent's role. */
export function passwordSecretOf(
  { passwordSecret = "task-store-password" }: Pick<ExistingPostgres, "passwordSecret">,
  agent: string,
): string {
  return `${passwordSecret}-${agent}`;
}

/** Whether a task store is somebody else's Postgres. */
export function isExistingPostgres(settings: { readonly kind: string }): settings is ExistingPostgres {
  return settings.kind === "existing-postgres";
}
