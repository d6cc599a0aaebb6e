/**
 * An agent on the official SDK that knows the contract with images and nothing else: it is started with variables, and
 * answers with what it was told. The contract's page is the only thing that its author has read.
 */
import { createHash, randomUUID } from "node:crypto";
import { AgentCard, Role } from "@a2a-js/sdk";
import { AgentEvent, type AgentExecutor, DefaultRequestHandler, InMemoryTaskStore } from "@a2a-js/sdk/server";
import { jsonRpcHandler, UserBuilder } from "@a2a-js/sdk/server/express";
import express, { type Request, type RequestHandler, type Response } from "express";

const variable = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`the variable ${name} is missing`);
  return value;
};

if (!variable("A2A_CONTRACT_VERSION").startsWith("1.")) {
  throw new Error(`contract ${process.env.A2A_CONTRACT_VERSION} is not one that this agent knows (1.x)`);
}

const name = variable("AGENT_NAME");
const peers: Record<string, string> = JSON.parse(variable("AGENT_REGISTRY"));
const scopes: Record<string, string> = JSON.parse(variable("AGENT_SCOPES"));
const cardText = variable("AGENT_CARD");
const legacyCardText = process.env.AGENT_CARD_V03;

const executor: AgentExecutor = {
  execute: async (request, bus) => {
    const asked = request.userMessage.parts
      .map(({ content }) => (content?.$case === "text" ? content.value : ""))
      .join(" ");
    const answer = { agent: name, asked, peers, scopes };
    bus.publish(
      AgentEvent.message({
        messageId: randomUUID(),
        contextId: request.contextId,
        taskId: "",
        role: Role.ROLE_AGENT,
        parts: [
          {
            content: { $case: "text", value: JSON.stringify(answer) },
            metadata: undefined,
            filename: "",
            mediaType: "text/plain",
          },
        ],
        metadata: undefined,
        extensions: [],
        referenceTaskIds: [],
      }),
    );
    bus.finished();
  },
  cancelTask: async () => {},
};

/** A card as it stands: rewriting it would break a signature. */
const card =
  (text: (request: Request) => string | undefined): RequestHandler =>
  (request: Request, response: Response) => {
    const body = text(request);
    if (body === undefined) {
      response.status(404).end();
      return;
    }
    response
      .setHeader("Content-Type", "application/json")
      .setHeader("Cache-Control", "public, max-age=60")
      .setHeader("Vary", "A2A-Version")
      .setHeader("ETag", `"${createHash("sha256").update(body).digest("hex")}"`)
      .send(body);
  };

const app = express();
app.get(
  "/.well-known/agent-card.json",
  card((request) => (request.get("A2A-Version") === undefined ? (legacyCardText ?? cardText) : cardText)),
);
app.get(
  "/.well-known/agent.json",
  card(() => legacyCardText),
);
app.get(["/health", "/ready"], (_, response) => {
  response.json({ status: "ok" });
});
app.use(
  jsonRpcHandler({
    requestHandler: new DefaultRequestHandler(
      AgentCard.fromJSON(JSON.parse(cardText)),
      new InMemoryTaskStore(),
      executor,
    ),
    userBuilder: UserBuilder.noAuthentication,
    legacyCompat: { enabled: legacyCardText !== undefined },
  }),
);

const server = app.listen(Number(variable("A2A_PORT")), variable("A2A_HOST"), () => {
  process.stdout.write(`${JSON.stringify({ level: "info", service: name, msg: "listening" })}\n`);
});
process.on("SIGTERM", () => server.close());
