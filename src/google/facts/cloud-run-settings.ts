import { z } from "zod";
import { isPrivateRange } from "../../address-range";
import { oneOf } from "../../environment/choice-traits";
import { type ExistingPostgres, existingPostgres } from "../../environment/existing-postgres";
import { type ExistingRedis, existingRedis } from "../../environment/existing-redis";
import { type NoStore, noStore } from "../../environment/no-store";
import { hostName, whole } from "../../shapes";
import { type CloudSql, cloudSql } from "./cloud-sql";
import { member } from "./google-shapes";
import { type Memorystore, memorystore } from "./memorystore";

/** Cloud Run in an environment. */
export interface CloudRunSettings {
  /**
   * Longest request, in seconds, 1 to 3600 (Cloud Run's limit). A stream is cut then however much it says.
   *
   * @default - 300, or an agent's task deadline plus 10 where that is longer
   */
  readonly timeoutSeconds?: number;

  /**
   * What stands in front of the agents that are reached from outside.
   *
   * @default - nothing: agents are reached at their run.app addresses
   */
  readonly front?: CloudRunFront;

  /**
   * Whom Cloud Run lets through to an agent, of those who can reach it.
   *
   * @default { kind: "everyone" }
   */
  readonly invokers?: CloudRunInvokers;

  /**
   * Task store of the agents on Cloud Run, in an environment whose own store is in another cloud.
   *
   * @default - the environment's
   */
  readonly taskStore?: Memorystore | CloudSql | ExistingRedis | ExistingPostgres | NoStore;
}

/** What stands in front of agents on Cloud Run. */
export type CloudRunFront = DomainMappings | LoadBalancer;

/**
 * A host name for each agent, mapped straight to its service. Only some regions have it, and the domain is verified
 * with Google beforehand.
 */
export interface DomainMappings {
  readonly kind: "domain-mapping";
  /**
   * Host names that are not the usual ones, by agent.
   *
   * @default - `<agent>.<domain>`
   */
  readonly hosts?: Readonly<Record<string, string>>;
}

/** One global load balancer for all agents, each at `/agents/<name>`. Their run.app addresses are closed. */
export interface LoadBalancer {
  readonly kind: "load-balancer";
  /** @default - `run.<domain>` */
  readonly host?: string;
  /**
   * Addresses (CIDR) that may pass; everything else is turned away. A gateway that the fleet makes in a network passes
   * in any case, at an address that is known when it is there. Of any other gateway, the addresses that it calls from.
   *
   * @default - the gateway alone; without a gateway everybody, each address limited to the environment's rateLimitPerMinute
   */
  readonly admits?: readonly string[];
}

/** Whom Cloud Run lets through to an agent. */
export type CloudRunInvokers =
  /** No check: the card is public, and the agent checks its callers' tokens itself. */
  { readonly kind: "everyone" } | NamedInvokers;

/**
 * The agents that call it, by their service accounts. They send an identity token in `X-Serverless-Authorization`,
 * because `Authorization` carries the agents' own token.
 */
export interface NamedInvokers {
  readonly kind: "callers";
  /** Others who may call every agent, as IAM writes them: `group:operators@example.com`. @default [] */
  readonly members?: readonly string[];
  /** Others who may call one agent, by its name: `{ "desk-acme": ["group:a2a@acme.example"] }`. @default {} */
  readonly membersOf?: Readonly<Record<string, readonly string[]>>;
}

export const cloudRunSchema = z.strictObject({
  timeoutSeconds: whole.min(1).max(3600).optional(),
  front: z
    .discriminatedUnion("kind", [
      z.strictObject({
        kind: z.literal("domain-mapping"),
        hosts: z
          .record(z.string(), hostName)
          .refine((hosts) => new Set(Object.values(hosts)).size === Object.keys(hosts).length, {
            message: "gives one host to two agents, and it leads to one service; give each its own",
          })
          .optional(),
      }),
      z.strictObject({
        kind: z.literal("load-balancer"),
        host: hostName.optional(),
        admits: z
          .array(
            z.cidrv4().refine((range) => !isPrivateRange(range), {
              message:
                "is private, and a global load balancer sees public addresses alone; name those that callers come from",
            }),
          )
          .min(1, "admits nobody; name at least one range")
          .optional(),
      }),
    ])
    .optional(),
  invokers: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("everyone") }),
      z.strictObject({
        kind: z.literal("callers"),
        members: z.array(member).optional(),
        membersOf: z.record(z.string(), z.array(member)).optional(),
      }),
    ])
    .optional(),
  taskStore: oneOf([existingRedis, existingPostgres, memorystore, cloudSql, noStore]).optional(),
}) satisfies z.ZodType<CloudRunSettings>;
