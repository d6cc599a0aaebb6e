import { expect, test } from "vitest";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import { staging } from "../support/fleet/stacks/environments/staging";
import { synthEnvironment } from "../support/synth";

const agent: AgentDefinition = {
  name: "guide",
  description: "Guides",
  version: "1.0.0",
  skills: [{ id: "guide", name: "Guide", description: "Guides", tags: ["guide"] }],
};

/** What the gateway's portal shows of an agent: ids, methods, paths and titles. */
function operationsOf(change: Partial<AgentDefinition>): string[] {
  return synthEnvironment(staging, [{ ...agent, ...change }])
    .resources("azurerm_api_management_api_operation")
    .filter(({ path }) => path.includes("/guide/"))
    .map(({ arguments: operation }) =>
      [operation.operation_id, operation.method, operation.url_template, operation.display_name].join("  "),
    )
    .toSorted();
}

const CARDS = [
  "card  GET  /.well-known/agent-card.json  Agent card",
  "card-legacy  GET  /.well-known/agent.json  Agent card, where clients of older versions look",
];
const JSON_RPC = "json-rpc  POST  /  JSON-RPC";

test("an agent that speaks JSON-RPC has one operation beside its cards", () => {
  expect(operationsOf({ protocolBindings: ["JSONRPC"] })).toEqual([...CARDS, JSON_RPC]);
});

test("an agent that speaks REST has an operation for each thing that callers do", () => {
  expect(operationsOf({ protocolBindings: ["HTTP+JSON"], protocolVersions: ["1.0"] })).toEqual([
    ...CARDS,
    "rest-extended-card  GET  /extendedAgentCard  Extended agent card",
    "rest-push-config  GET  /tasks/{task}/pushNotificationConfigs/{config}  Get a push notification configuration",
    "rest-push-config-create  POST  /tasks/{task}/pushNotificationConfigs  Create a push notification configuration",
    "rest-push-config-delete  DELETE  /tasks/{task}/pushNotificationConfigs/{config}  Delete a push notification configuration",
    "rest-push-configs  GET  /tasks/{task}/pushNotificationConfigs  List push notification configurations",
    "rest-send  POST  /message:send  Send a message",
    "rest-stream  POST  /message:stream  Send a message and stream events",
    "rest-task  GET  /tasks/{task}  Get a task, or subscribe to it",
    "rest-task-verb  POST  /tasks/{task}  Cancel a task, or subscribe to it",
    "rest-tasks  GET  /tasks  List tasks",
  ]);
});

test("REST of version 0.3 is the same under /v1, with its own name for the extended card", () => {
  const operations = (versions: AgentDefinition["protocolVersions"]) =>
    operationsOf({ protocolBindings: ["HTTP+JSON"], protocolVersions: versions }).filter((each) =>
      each.startsWith("rest-"),
    );
  const older = operations(["1.0"])
    .map((each) => each.replace("rest-", "rest-v1-").replace("  /", "  /v1/"))
    .map((each) => `${each.replace("/extendedAgentCard", "/card")} (0.3)`);
  expect(operations(["0.3"])).toEqual(older);
});
