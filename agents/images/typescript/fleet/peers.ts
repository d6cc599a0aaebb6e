/** The agents that this one may call: given by name, or found by label through the Kubernetes API. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { type AgentCard, Role, type StreamResponse, type Task } from "@a2a-js/sdk";
import {
  ClientFactory,
  ClientFactoryOptions,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
  RestTransportFactory,
} from "@a2a-js/sdk/client";
import { Agent, fetch as fetchFrom } from "undici";
import { textPart, textsOf } from "./parts.js";
import type { Settings } from "./settings.js";
import { RESTING } from "./task-log.js";
import { PeerTokens } from "./tokens.js";

const MS_TO_KEEP = 60_000;
const MS_TO_RETRY = 1000;

/** Finds agents, and calls them with the token that each wants. */
export class Peers {
  private readonly tokens: PeerTokens;
  private found: { readonly at: number; readonly peers: Record<string, string> } | undefined;
  private readonly cards = new Map<string, { readonly at: number; readonly card: AgentCard }>();

  constructor(private readonly settings: Settings) {
    this.tokens = new PeerTokens(settings);
  }

  /** Name to base URL. What the registry names counts before what carries the label. */
  async find(): Promise<Record<string, string>> {
    const registry = this.settings.document<Record<string, string>>("AGENT_REGISTRY") ?? {};
    if (this.settings.text("PEER_DISCOVERY_SELECTOR") === undefined) return registry;
    if (this.found === undefined || Date.now() - this.found.at > MS_TO_KEEP) {
      this.found = { at: Date.now(), peers: await this.findByLabel() };
    }
    return { ...this.found.peers, ...registry };
  }

  /** The peer's card, by the SDK's own resolver at the URL exactly as it stands. */
  async card(baseUrl: string): Promise<AgentCard> {
    const kept = this.cards.get(baseUrl);
    if (kept !== undefined && Date.now() - kept.at < MS_TO_KEEP) return kept.card;
    const card = await new DefaultAgentCardResolver({ fetchImpl: this.fetchFor(baseUrl) }).resolve(baseUrl);
    this.cards.set(baseUrl, { at: Date.now(), card });
    return card;
  }

  /**
   * The peer's task, once it has ended or asks something back. A stream that is cut is taken up again.
   *
   * @throws Error if the peer can't be reached or doesn't let this agent in.
   */
  async ask(baseUrl: string, skill: string, text: string, signal: AbortSignal): Promise<Task> {
    const fetchImpl = this.fetchFor(baseUrl, signal);
    const transports = [new JsonRpcTransportFactory({ fetchImpl }), new RestTransportFactory({ fetchImpl })];
    const factory = new ClientFactory(
      ClientFactoryOptions.createFrom(ClientFactoryOptions.default, { transports }),
    );
    const client = await factory.createFromAgentCard(await this.card(baseUrl));
    const message = {
      messageId: randomUUID(),
      role: Role.ROLE_USER,
      parts: [textPart(text)],
      metadata: { skill },
      contextId: "",
      taskId: "",
      extensions: [],
      referenceTaskIds: [],
    };
    const request = { message, tenant: "", configuration: undefined, metadata: undefined };
    let events = client.sendMessageStream(request);
    let taskId: string | undefined;
    while (!signal.aborted) {
      try {
        for await (const event of events) taskId = taskIdOf(event) ?? taskId;
      } catch (error) {
        if (taskId === undefined) throw error;
        // Its replica may be gone; another one knows the task.
        await new Promise((resolve) => setTimeout(resolve, MS_TO_RETRY));
      }
      if (taskId === undefined) throw new Error(`the agent at ${baseUrl} answered without a task`);
      const task = await client.getTask({ id: taskId, tenant: "", historyLength: undefined });
      if (RESTING.has(task.status?.state)) return task;
      events = client.resubscribeTask({ id: taskId, tenant: "" });
    }
    throw new Error("the answer is no longer needed");
  }

  /** A fetch that adds the peer's tokens; the SDK's clients take no headers of their own. */
  private fetchFor(baseUrl: string, signal?: AbortSignal): typeof fetch {
    return async (input, init) => {
      const headers = new Headers(init?.headers);
      for (const [name, value] of Object.entries(await this.tokens.headersFor(baseUrl)))
        headers.set(name, value);
      return fetch(input, { ...init, headers, signal: init?.signal ?? signal });
    };
  }

  private async findByLabel(): Promise<Record<string, string>> {
    const namespace = this.settings.given("PEER_DISCOVERY_NAMESPACE");
    const selector = encodeURIComponent(this.settings.given("PEER_DISCOVERY_SELECTOR"));
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
    const folder = process.env.SERVICE_ACCOUNT_DIRECTORY ?? "/var/run/secrets/kubernetes.io/serviceaccount";
    // The token is exchanged for a new one while the agent runs.
    const token = readFileSync(`${folder}/token`, "utf8").trim();
    const dispatcher = new Agent({ connect: { ca: readFileSync(`${folder}/ca.crt`) } });
    const url = `https://${host}:${port}/api/v1/namespaces/${namespace}/services?labelSelector=${selector}`;
    const answer = await fetchFrom(url, {
      dispatcher,
      headers: { Authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(5000),
    });
    if (!answer.ok) throw new Error(`the Kubernetes API lists no Services: it answered ${answer.status}`);
    const { items } = (await answer.json()) as { items: { metadata: { name: string } }[] };
    const template = this.settings.given("PEER_URL_TEMPLATE");
    return Object.fromEntries(
      items
        .map(({ metadata }) => metadata.name)
        .filter((name) => name !== this.settings.agentName)
        .map((name) => [name, template.replaceAll("{name}", name).replaceAll("{namespace}", namespace)]),
    );
  }
}

function taskIdOf({ payload }: StreamResponse): string | undefined {
  if (payload?.$case === "task") return payload.value.id;
  return payload?.value.taskId || undefined;
}

/** What a task says: its answer, and its last status if that has words. */
export function textOf(task: Task): string {
  const parts = task.artifacts.flatMap((artifact) => artifact.parts);
  return textsOf([...parts, ...(task.status?.message?.parts ?? [])]);
}
