/** The agent's cards, served byte by byte as they were given: rewriting one would break its signature. */
import { createHash } from "node:crypto";
import { type Request, type Response, Router } from "express";
import type { Metrics } from "./metrics.js";
import type { Settings } from "./settings.js";

const MAX_AGE_SECONDS = 60;

/** The card at its well-known path, and at the one that clients of 0.3 know. */
export function cardRouter(settings: Settings, metrics: Metrics): Router {
  const answer = (request: Request, response: Response, text: string | undefined) => {
    // When it has been sent, whatever it has become by then.
    response.once("finish", () =>
      metrics.count("a2a_card_requests_total", { code: String(response.statusCode) }),
    );
    sendCard(request, response, text);
  };
  return Router()
    .get("/.well-known/agent-card.json", (request, response) => {
      const prefix = cardFor(settings, request);
      const legacy = request.get("A2A-Version") === undefined ? settings.text(`${prefix}_V03`) : undefined;
      answer(request, response, legacy ?? settings.text(prefix));
    })
    .get("/.well-known/agent.json", (request, response) => {
      answer(request, response, settings.text(`${cardFor(settings, request)}_V03`));
    });
}

/** The gateway sets X-Forwarded-Host itself; a peer comes without one. */
function cardFor(settings: Settings, request: Request): string {
  const host = request.get("X-Forwarded-Host") ?? request.get("Host") ?? "";
  const asked = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : "";
  const isPublic = asked === new URL(settings.given("AGENT_URL")).hostname;
  return isPublic || settings.text("AGENT_PEER_CARD") === undefined ? "AGENT_CARD" : "AGENT_PEER_CARD";
}

function sendCard(request: Request, response: Response, text: string | undefined): void {
  if (text === undefined) {
    response.status(404).end();
    return;
  }
  response.set({
    "Cache-Control": `public, max-age=${MAX_AGE_SECONDS}`,
    ETag: `"${createHash("sha256").update(text).digest("hex")}"`,
    Vary: "A2A-Version, Host, X-Forwarded-Host",
  });
  const known = (request.get("If-None-Match") ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  // Express would not look at the tag of a client that also says no-cache, as browsers' fetch does.
  if (known.includes("*") || known.includes(String(response.get("ETag")))) response.status(304).end();
  else response.type("application/json").send(text);
}
