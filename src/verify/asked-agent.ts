import { randomUUID } from "node:crypto";
import type { AgentWorkload } from "../agent/agent-workload";

/** What a verification is given besides the URL. */
export interface VerifySettings {
  /** What the agent was synthesized as, where that is known. */
  readonly workload?: AgentWorkload;
  /** Token that lets a caller in. */
  readonly token?: string;
  /** Token of the same issuer and audience whose caller has not the role. */
  readonly tokenWithoutRole?: string;
  /** Token like the first, signed with a key that its issuer has taken a moment ago. */
  readonly tokenOfNewKey?: string;
  /** URLs at which the agent must not answer: every way but the one that callers take. */
  readonly beside?: readonly string[];
  /** What is said to the agent to have it stream. @default - the first example of its first skill */
  readonly text?: string;
  /** Seconds between heartbeats. @default - the workload's */
  readonly heartbeatSeconds?: number;
  /** Origin of a browser that may call. */
  readonly origin?: string;
  /** Requests that are sent at once to meet the limit; 0 sends none. @default 0 */
  readonly burst?: number;
}

/** Milliseconds that any answer but a stream may take. */
export const PATIENCE = 30_000;

export interface Agent {
  readonly url: string;
  readonly settings: VerifySettings;
}

/** The part of a card that a verification reads. */
export interface Card {
  readonly name: string;
  readonly supportedInterfaces: readonly {
    readonly url: string;
    readonly protocolBinding: string;
    readonly protocolVersion: string;
  }[];
  readonly securityRequirements?: readonly unknown[];
  readonly skills: readonly { readonly examples?: readonly string[] }[];
}

export const VERSION_1 = { "A2A-Version": "1.0" };

export function get(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { headers, redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
}

/** Asks for a task that nobody has: begins nothing, and passes every check in front of the agent. */
export function askForNothing({ url }: Agent, token: string | undefined): Promise<Response> {
  return call(url, "GetTask", { id: randomUUID() }, token, AbortSignal.timeout(PATIENCE));
}

export function call(
  url: string,
  method: string,
  params: object,
  token: string | undefined,
  signal?: AbortSignal,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, {
    method: "POST",
    redirect: "manual",
    signal: signal ?? null,
    headers: {
      ...VERSION_1,
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
}

export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
