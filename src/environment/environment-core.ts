import { z } from "zod";
import type { Stage } from "../agent/agent-definition";
import { chosenName, hostName, tags, text, whole } from "../shapes";
import { type AlertSettings, alertsSchema, type BudgetSettings, budgetSchema } from "./alert-settings";
import { type ModelGatewaySettings, modelGatewaySchema } from "./model-gateway-settings";
import { exceptionsSchema, type RuleExceptions } from "./rule-exception";
import { type StateSettings, stateSchema } from "./state-settings";
import { type TelemetrySettings, telemetrySchema } from "./telemetry-settings";

/** What every environment has, whatever it chose from the lists and wherever it is. */
export interface EnvironmentCore {
  /** Name of the environment and of its stack: lower case letters and digits, at most 12 characters. */
  readonly name: string;

  /**
   * What is at stake. `production` keeps data (deletion protection), survives the loss of a zone (high availability)
   * and takes images by digest only; each of these can be set on its own below.
   */
  readonly stage: Stage;

  /**
   * Leads the name of everything that is unique in the world (vault, registry, store): lower case letters and digits,
   * starts with a letter, 2 to 8 characters. Your organisation's, not the product's.
   */
  readonly prefix: string;

  /** Public DNS domain of the environment. The gateway, custom domains and certificates are under it. */
  readonly domain: string;

  /** Entra tenant id (a UUID), or any stable name of your organisation where there is no Entra. Part of every audience. */
  readonly tenant: string;

  /**
   * Customers: each gets its own instance of every agent with `perCustomer`. Lower case letters, digits, hyphens.
   *
   * @default []
   */
  readonly customers?: readonly string[];

  /** Where state is kept. A rehearsal always keeps its own, locally. */
  readonly state: StateSettings;

  /** @default - Log Analytics, Application Insights and a collector on Azure; Cloud Trace and Logging on Google */
  readonly telemetry?: TelemetrySettings;

  /** Who is told when something is wrong. @default - alerts that only the cloud's own pages show; none in development */
  readonly alerts?: AlertSettings;

  /** What it may cost a month: people are told at half of it, at 80 % and when it is spent. @default - none */
  readonly budget?: BudgetSettings;

  /** LiteLLM gateway that agents with a `model` use. @default - none */
  readonly modelGateway?: ModelGatewaySettings;

  /**
   * Whether what holds data cannot be destroyed (vault purge protection, `prevent_destroy`), nor the gateway that callers know.
   *
   * @default - true in production
   */
  readonly deletionProtection?: boolean;

  /**
   * Whether shared parts survive the loss of a zone.
   *
   * @default - true in production
   */
  readonly highAvailability?: boolean;

  /**
   * Days that logs and traces are kept (30 to 730, Log Analytics' own range).
   *
   * @default 30
   */
  readonly retentionDays?: number;

  /**
   * Level at which agents log.
   *
   * @default "info"
   */
  readonly logLevel?: "debug" | "info" | "warning" | "error";

  /**
   * Origins of browsers that may call the agents.
   *
   * @default []
   */
  readonly corsOrigins?: readonly string[];

  /**
   * Requests that one caller may send in a minute to one agent.
   *
   * @default 100
   */
  readonly rateLimitPerMinute?: number;

  /**
   * Upper bound on replicas of every agent: 1 keeps a development environment cheap.
   *
   * @default - what each agent says
   */
  readonly replicaLimit?: number;

  /**
   * Whether internal agents may scale to zero here. People never wait for a customer-facing one in any case.
   *
   * @default - true except in production
   */
  readonly scaleToZero?: boolean;

  /**
   * Rules that the environment breaks for a while, by id: said at every synthesis, and refused after their end. Not every
   * rule can be broken: a refusal names those.
   *
   * @default {}
   */
  readonly exceptions?: RuleExceptions;

  /**
   * Tags (Azure) and labels (Google, Kubernetes) on everything. What a label cannot hold is a hyphen in it: `R&D dept`
   * becomes `R-D-dept` on Kubernetes, `r-d-dept` on Google.
   *
   * @default {}
   */
  readonly tags?: Readonly<Record<string, string>>;
}

export const coreShape = {
  name: chosenName,
  stage: z.enum(["development", "staging", "production"]),
  prefix: z.string(),
  domain: hostName,
  tenant: z
    .string()
    .regex(
      /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,126}[A-Za-z0-9])?$/,
      "is part of every audience; use letters, digits, '.' and '-'",
    ),
  customers: z.array(chosenName).optional(),
  state: stateSchema,
  telemetry: telemetrySchema.optional(),
  alerts: alertsSchema.optional(),
  budget: budgetSchema.optional(),
  modelGateway: modelGatewaySchema.optional(),
  deletionProtection: z.boolean().optional(),
  highAvailability: z.boolean().optional(),
  retentionDays: whole.optional(),
  logLevel: z.enum(["debug", "info", "warning", "error"]).optional(),
  corsOrigins: z.array(text).optional(),
  rateLimitPerMinute: whole.positive().max(1_000_000).optional(),
  replicaLimit: whole.positive().max(5000).optional(),
  scaleToZero: z.boolean().optional(),
  exceptions: exceptionsSchema.optional(),
  tags: tags.optional(),
};
