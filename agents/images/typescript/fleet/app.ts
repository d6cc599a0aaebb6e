/** The agent as an Express application: what stands in front of the SDK's routes, and their wiring. */
import { AsyncResource } from "node:async_hooks";
import { AgentCard } from "@a2a-js/sdk";
import { jsonRpcHandler, restHandler } from "@a2a-js/sdk/server/express";
import cors from "cors";
import express, { type Express, type Request, type RequestHandler, type Response } from "express";
import { AnswerCache } from "./answers.js";
import { Caller, Gatekeeper } from "./auth.js";
import { type Call, readCall } from "./calls.js";
import { cardRouter } from "./cards.js";
import { countFailures } from "./counted-tasks.js";
import { FleetExecutor } from "./executor.js";
import { FleetRequestHandler } from "./handler.js";
import { Keeper } from "./keeper.js";
import { RateLimit } from "./limits.js";
import { log } from "./logs.js";
import type { Metrics } from "./metrics.js";
import { type Model, openModel } from "./model.js";
import { Peers } from "./peers.js";
import { CheckedPushSender } from "./push.js";
import { Refused, refuse } from "./refusal.js";
import { requestScope } from "./request-scope.js";
import type { Settings } from "./settings.js";
import type { Skill } from "./skill.js";
import { openStores, type Stores } from "./stores.js";
import { traceRequests } from "./telemetry.js";

const MOST_BODY = "4mb";

/** What skills may use beside the request. */
export interface Tools {
  readonly settings: Settings;
  readonly peers: Peers;
  readonly model: Model | undefined;
  readonly answers: AnswerCache;
}

export type MakeSkills = (tools: Tools) => Readonly<Record<string, Skill>>;

/** An agent that can listen. */
export interface App {
  readonly express: Express;
  readonly keeper: Keeper;
  readonly stores: Stores;
}

export async function createApp(
  settings: Settings,
  metrics: Metrics,
  makeSkills: MakeSkills,
  paceMs: number,
): Promise<App> {
  const opened = await openStores(settings);
  const stores = { ...opened, tasks: countFailures(opened.tasks, metrics) };
  const answers = new AnswerCache(settings, stores.redis);
  const tools: Tools = {
    settings,
    answers,
    peers: new Peers(settings),
    model: openModel(settings, metrics, answers),
  };
  const handler = new FleetRequestHandler({
    settings,
    metrics,
    card: AgentCard.fromJSON(settings.document("AGENT_CARD")),
    tasks: stores.tasks,
    leases: stores.leases,
    executor: new FleetExecutor(settings, makeSkills(tools), paceMs),
    pushConfigs: stores.pushConfigs,
    pushSender: new CheckedPushSender(stores.pushConfigs),
  });
  const keeper = new Keeper(settings, stores.leases, stores.tasks, handler, metrics, stores.forget);

  const app = express().disable("x-powered-by").disable("etag");
  if (settings.flag("TRACE_ENABLED")) app.use(traceRequests);
  if (settings.flag("A2A_CORS_ENABLED")) {
    const origin = settings
      .given("A2A_CORS_ORIGINS")
      .split(",")
      .map((text) => text.trim());
    app.use(cors({ origin, methods: ["GET", "POST", "DELETE"], maxAge: 600 }));
  }
  app.use(cardRouter(settings, metrics), healthRouter(stores, keeper));
  app.use(front(settings, metrics, stores, keeper));
  const protocol = {
    requestHandler: handler,
    userBuilder: async (request: Request) => callerOf(request),
    legacyCompat: { enabled: settings.speaksV03 },
  };
  // At the root: the path of the card's URL is cut off in front of the agent.
  if (settings.cardBindings.has("JSONRPC")) app.post("/", jsonRpcHandler(protocol));
  if (settings.cardBindings.has("HTTP+JSON")) app.use(restHandler(protocol));
  return { express: app, keeper, stores };
}

function healthRouter(stores: Stores, keeper: Keeper): express.Router {
  return express
    .Router()
    .get("/health", async (_, response) => {
      response.json({ status: "ok", checks: { taskStore: (await storeProblem(stores)) ?? "ok" } });
    })
    .get("/ready", async (_, response) => {
      const problem = await storeProblem(stores);
      const status = keeper.draining ? "draining" : problem === undefined ? "ok" : "unavailable";
      response.status(status === "ok" ? 200 : 503).json({ status, checks: { taskStore: problem ?? "ok" } });
    });
}

async function storeProblem(stores: Stores): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("it doesn't answer")), 2000);
  });
  try {
    await Promise.race([stores.ping(), late]);
    return undefined;
  } catch (error) {
    return `can't be reached (${(error as Error).name})`;
  } finally {
    clearTimeout(timer);
  }
}

/** Stands in front of the protocol: counts, lets in or refuses, and reads a request's body once for all of it. */
function front(settings: Settings, metrics: Metrics, stores: Stores, keeper: Keeper): RequestHandler[] {
  const limit = new RateLimit(settings, metrics, stores.redis);
  const gatekeeper = new Gatekeeper(settings);
  /**
   * The skill of the task that a message goes on with, otherwise the one that it names, or the agent's first. Undefined
   * if the task isn't one of the caller's: then there is no work, and the protocol says so in its own words.
   */
  const skillOf = async ({ skill, taskId }: Call, { userName }: Caller): Promise<string | undefined> => {
    const meant = skill ?? settings.skillIds[0];
    if (taskId === undefined) return meant;
    const stored = await stores.tasks.load(taskId, userName);
    if (stored === undefined) return undefined;
    const kept: unknown = stored.task.metadata?.skill;
    return typeof kept === "string" ? kept : meant;
  };
  const letIn: RequestHandler = async (request, response, next) => {
    const call = readCall(request.method, request.path, request.body);
    count(metrics, call, response);
    try {
      const caller = await gatekeeper.identify(request.get("Authorization"));
      // Known from here on, in the line of a denial as well.
      response.locals.caller = caller;
      gatekeeper.admit(caller);
      await limit.check(
        caller.isAuthenticated ? caller.userName : (request.socket.remoteAddress ?? "unknown"),
      );
      if (call.beginsWork) {
        gatekeeper.checkSkill(caller, await skillOf(call, caller));
        if (keeper.draining) {
          throw new Refused(503, "draining", "this replica is going; try again", { "Retry-After": "1" });
        }
      }
      const gone = new AbortController();
      response.once("close", () => gone.abort());
      sendHeartbeats(settings, response);
      requestScope.run({ signal: gone.signal, caller: caller.userName }, next);
    } catch (error) {
      if (!(error instanceof Refused)) return next(error);
      const { status, reason } = error;
      if (status === 401 || status === 403) {
        metrics.count("a2a_auth_rejections_total", { code: String(status), reason });
      }
      const caller = response.locals.caller?.userName;
      log.info({ method: call.method, status, reason, caller }, `refused: ${error.message}`);
      refuse(response, call, error);
    }
  };
  const unreadable: express.ErrorRequestHandler = (error, request, response, next) => {
    const call = readCall(request.method, request.path, undefined);
    if (error.type === "entity.too.large") {
      refuse(response, call, new Refused(413, "too_large", `a request has at most ${MOST_BODY}`));
    } else if (error.type === "entity.parse.failed") {
      refuse(response, call, new Refused(400, "parse_error", "the body is not JSON"));
    } else {
      next(error);
    }
  };
  const types = ["application/json", "application/a2a+json"];
  return [express.json({ limit: MOST_BODY, type: types }), unreadable as unknown as RequestHandler, letIn];
}

function callerOf(request: Request): Caller {
  const caller: unknown = request.res?.locals.caller;
  return caller instanceof Caller ? caller : new Caller();
}

function count(metrics: Metrics, { method, binding }: Call, response: Response): void {
  const started = performance.now();
  // Bound, so that its line carries the request's trace.
  const answered = AsyncResource.bind(() => {
    metrics.count("a2a_requests_total", { method, binding, code: String(response.statusCode) });
    const seconds = (performance.now() - started) / 1000;
    metrics.observe("a2a_request_duration_seconds", seconds, { method, binding });
    const { statusCode: status, locals } = response;
    const rounded = Math.round(seconds * 1000) / 1000;
    log.info(
      { method, binding, status, seconds: rounded, caller: locals.caller?.userName },
      "answered a request",
    );
  });
  response.once("close", answered);
}

/** A comment on a stream from time to time, or a hop in front cuts it: the SDK sends none. */
function sendHeartbeats(settings: Settings, response: Response): void {
  const seconds = settings.number("SSE_HEARTBEAT_SECONDS");
  if (seconds === undefined) return;
  const timer = setInterval(() => {
    if (String(response.get("Content-Type")).startsWith("text/event-stream"))
      response.write(": heartbeat\n\n");
  }, seconds * 1000);
  response.once("close", () => clearInterval(timer));
}
