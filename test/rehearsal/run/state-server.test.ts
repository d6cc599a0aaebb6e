import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StateServer, undoUnsaved } from "../../../src/rehearsal/run/state-server";

let folder = "";
let server: StateServer;
let terraform: Agent;
const ledger = () => join(folder, "cloud/ledger.json");
const statePath = (stack: string) => join(folder, `${stack}.tfstate`);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "states-"));
  mkdirSync(join(folder, "cloud"));
  writeFileSync(ledger(), "before");
  server = await StateServer.start(join(folder, "cloud"), statePath);
  terraform = new Agent({ keepAlive: true });
});
afterEach(async () => {
  terraform.destroy();
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** Says something over Terraform's connection, the way its `http` backend does. */
function say(method: string, { body = "", id = "", address = server.addressOf("shop") } = {}) {
  return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const url = id === "" ? address : `${address}?ID=${id}`;
    const sent = request(url, { method, agent: terraform }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.once("end", () => resolve({ status: response.statusCode, text }));
    });
    sent.once("error", reject);
    sent.end(body);
  });
}

const LOCK = { body: JSON.stringify({ ID: "one", Operation: "OperationTypeApply" }) };

test("what is saved under a lock is the stack's state when the lock is given back", async () => {
  expect((await say("GET")).status).toBe(404);
  expect((await say("LOCK", LOCK)).status).toBe(200);
  writeFileSync(ledger(), "after");
  expect((await say("POST", { id: "one", body: "saved" })).status).toBe(200);
  expect(existsSync(statePath("shop"))).toBe(false);
  expect((await say("UNLOCK", LOCK)).status).toBe(200);
  await server.release();
  expect(await say("GET")).toEqual({ status: 200, text: "saved" });
  expect(readFileSync(statePath("shop"), "utf8")).toBe("saved");
  expect(readFileSync(ledger(), "utf8")).toBe("after");
});

test("a Terraform that is killed before it gives its lock back has done nothing, in the state as in the clouds", async () => {
  writeFileSync(statePath("shop"), "old");
  await say("LOCK", LOCK);
  writeFileSync(ledger(), "after");
  await say("POST", { id: "one", body: "half" });
  terraform.destroy();
  await server.release();
  expect(readFileSync(ledger(), "utf8")).toBe("before");
  expect(await say("GET")).toEqual({ status: 200, text: "old" });
  // The next plan saves nothing, and nothing of the one that was killed either.
  await say("LOCK", LOCK);
  await say("UNLOCK", LOCK);
  expect(await say("GET")).toEqual({ status: 200, text: "old" });
});

test("a rehearsal that is killed with its Terraform goes on from before it; one that ended well, from its end", async () => {
  await say("LOCK", LOCK);
  writeFileSync(ledger(), "after");
  undoUnsaved(join(folder, "cloud"));
  expect(readFileSync(ledger(), "utf8")).toBe("before");
  await say("UNLOCK", LOCK);
  await say("LOCK", LOCK);
  writeFileSync(ledger(), "after");
  await say("UNLOCK", LOCK);
  undoUnsaved(join(folder, "cloud"));
  expect(readFileSync(ledger(), "utf8")).toBe("after");
});

test("who comes second is told who holds the lock, and saves nothing", async () => {
  await say("LOCK", LOCK);
  expect(await say("LOCK", { body: JSON.stringify({ ID: "two" }) })).toEqual({
    status: 423,
    text: LOCK.body,
  });
  expect((await say("POST", { id: "two", body: "theirs" })).status).toBe(409);
  await say("UNLOCK", LOCK);
  expect((await say("GET")).status).toBe(404);
});

test("whoever doesn't know the address gets nothing", async () => {
  writeFileSync(statePath("shop"), "secret");
  const guessed = server.addressOf("shop").replace(/[0-9a-f-]{36}/, "guessed");
  expect(await say("GET", { address: guessed })).toEqual({ status: 403, text: "" });
});
