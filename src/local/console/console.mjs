// The page of a fleet on one machine. It is a caller like every other: its tokens come from the issuer, by a client's
// secret that it keeps for as long as it is open, and agents answer it what they answer everybody.

const at = (id) => document.getElementById(id);
const rows = (id) => at(id).querySelector("tbody");

/** Tokens by scope, and whose. */
let credentials;
let tokens = new Map();
/** The agent that is talked to, and its task. */
let chosen;
let task;

const { agents, tokenPath } = await (await fetch("fleet.json")).json();

at("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  credentials = { client_id: form.get("client"), client_secret: form.get("secret") };
  tokens = new Map();
  event.target.elements.secret.value = "";
  try {
    await tokenFor(chosen);
    say("who", `${credentials.client_id} is logged in`);
    await showTasks();
  } catch (error) {
    credentials = undefined;
    say("who", error.message, true);
  }
});

at("talk").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = new FormData(event.target).get("text");
  at("send").disabled = true;
  try {
    await talk(String(text));
  } catch (error) {
    say("answer", error.message, true);
  } finally {
    at("send").disabled = false;
    at("cancel").disabled = true;
    await showTasks().catch(() => {});
  }
});

at("cancel").addEventListener("click", async () => {
  try {
    await (await call("CancelTask", { id: task })).text();
  } catch (error) {
    say("answer", error.message, true);
  }
});

await showAgents();
await showTraces();
setInterval(() => showTraces().catch(() => {}), 2000);

/** Cards as callers get them: an agent that nobody reaches from here has none. */
async function showAgents() {
  for (const agent of agents) {
    const row = rows("agents").insertRow();
    row.id = `agent-${agent.name}`;
    const choose = document.createElement("button");
    choose.type = "button";
    choose.textContent = agent.name;
    choose.addEventListener("click", () => chooseAgent(agent));
    row.insertCell().append(choose);
    const cells = ["…", agent.state, "", agent.calls.join(", ")].map((text) => {
      const cell = row.insertCell();
      cell.textContent = text;
      return cell;
    });
    cardOf(agent).then(
      (card) => {
        cells[0].textContent = card.version;
        cells[2].textContent = card.skills.map(({ name }) => name).join(", ");
      },
      (error) => {
        cells[0].textContent = "";
        cells[2].textContent = error.message;
        cells[2].className = "wrong";
      },
    );
  }
  const first = agents.find(({ calls }) => calls.length > 0) ?? agents[0];
  if (first !== undefined) chooseAgent(first);
}

async function cardOf({ path }) {
  const answer = await fetch(`${path}.well-known/agent-card.json`, { headers: { "A2A-Version": "1.0" } });
  if (!answer.ok) throw new Error(`it gives no card here (${answer.status})`);
  return answer.json();
}

function chooseAgent(agent) {
  chosen = agent;
  task = undefined;
  say("chosen", agent.title);
  for (const row of rows("agents").rows) row.setAttribute("aria-selected", row.id === `agent-${agent.name}`);
  at("talk").elements.text.value = exampleFor(agent);
  say("answer", "");
  rows("events").replaceChildren();
  rows("tasks").replaceChildren();
  if (credentials !== undefined) showTasks().catch((error) => say("answer", error.message, true));
}

/** Something to say to an agent; to one that only hands on, what those want to hear to whom it does. */
function exampleFor({ examples, calls }) {
  const handedOn = agents
    .filter(({ name }) => calls.includes(name))
    .flatMap((each) => each.examples.slice(0, 1));
  return examples[0] ?? (handedOn.slice(0, 3).join(" ") || "Hello");
}

/** @throws Error in words when the issuer refuses. */
async function tokenFor({ scope }) {
  const known = tokens.get(scope);
  if (known !== undefined && known.until > Date.now()) return known.token;
  if (credentials === undefined) throw new Error("log in first");
  const form = new URLSearchParams({ grant_type: "client_credentials", scope, ...credentials });
  const answer = await fetch(tokenPath, { method: "POST", body: form });
  const { access_token: token, expires_in: seconds, error } = await answer.json();
  if (token === undefined) throw new Error(`the issuer gives no token: ${error ?? answer.status}`);
  tokens.set(scope, { token, until: Date.now() + (seconds - 30) * 1000 });
  return token;
}

/** One call of JSON-RPC. @throws Error in the agent's words when it refuses. */
async function call(method, params) {
  const answer = await fetch(chosen.path, {
    method: "POST",
    headers: {
      "A2A-Version": "1.0",
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      Authorization: `Bearer ${await tokenFor(chosen)}`,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  if (answer.ok) return answer;
  const words = (await answer.text()).slice(0, 300);
  throw new Error(`${chosen.name} answers ${answer.status}: ${words}`);
}

/** Says something, and shows every event the moment it comes. */
async function talk(text) {
  task = undefined;
  rows("events").replaceChildren();
  say("answer", "");
  const started = performance.now();
  const message = { messageId: idOf(), role: "ROLE_USER", parts: [{ text }] };
  const answer = await call("SendStreamingMessage", { message });
  let last = started;
  for await (const piece of piecesOf(answer.body)) {
    const now = performance.now();
    const [kind, words] = piece.startsWith(":") ? ["heartbeat", ""] : wordsOf(piece.slice("data:".length));
    addRow("events", [Math.round(now - started), `+${Math.round(now - last)}`, kind, words]);
    last = now;
  }
}

function wordsOf(data) {
  const { result, error } = JSON.parse(data);
  if (error !== undefined) throw new Error(error.message);
  const { task: whole, statusUpdate, artifactUpdate, message } = result;
  task = whole?.id ?? statusUpdate?.taskId ?? artifactUpdate?.taskId ?? task;
  at("cancel").disabled = task === undefined;
  const parts = artifactUpdate?.artifact.parts ?? message?.parts;
  if (parts !== undefined) {
    const words = parts.map(({ text, data: value }) => text ?? JSON.stringify(value)).join("");
    at("answer").append(words);
    return [artifactUpdate === undefined ? "message" : "artifact", words];
  }
  const status = whole?.status ?? statusUpdate?.status;
  const said = (status?.message?.parts ?? []).map(({ text }) => text ?? "").join("");
  if (said !== "") at("answer").append(said);
  return ["status", `${stateOf(status)} ${said}`];
}

/** Lines of a stream that say something: events and comments. */
async function* piecesOf(body) {
  let rest = "";
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split(/\r?\n/);
    rest = lines.pop();
    for (const line of lines) if (/^(:|data:)/.test(line)) yield line;
  }
}

async function showTasks() {
  const { result, error } = await (await call("ListTasks", { pageSize: 20 })).json();
  rows("tasks").replaceChildren();
  if (error !== undefined) throw new Error(error.message);
  for (const { id, status } of result.tasks ?? [])
    addRow("tasks", [id, stateOf(status), timeOf(status?.timestamp)]);
}

/** What calls set off, newest first: spans stand below what they are part of. */
async function showTraces() {
  const traces = await (await fetch("traces.json")).json();
  rows("traces").replaceChildren();
  for (const { spans } of traces.slice(0, 10)) {
    const [first] = spans;
    const end = Math.max(...spans.map(({ started, ms }) => started + ms));
    const depthOf = ({ parent }) => {
      const above = spans.find(({ id }) => id === parent);
      return above === undefined ? 0 : 1 + depthOf(above);
    };
    const lines = spans.map(
      (span) =>
        `${"  ".repeat(depthOf(span))}${span.agent} ${span.name} ${Math.round(span.ms)} ms${span.failed ? ", failed" : ""}`,
    );
    addRow("traces", [timeOf(first.started), Math.round(end - first.started), lines.join("\n")]);
  }
}

function timeOf(moment) {
  return moment === undefined ? "" : new Date(moment).toLocaleTimeString();
}

function stateOf(status) {
  return (status?.state ?? "").replace("TASK_STATE_", "").toLowerCase();
}

/** Texts, never markup: what agents say is nobody's page. */
function addRow(id, cells) {
  const row = rows(id).insertRow();
  for (const text of cells) row.insertCell().textContent = String(text);
}

function say(id, text, isWrong = false) {
  at(id).textContent = text;
  at(id).className = isWrong ? "wrong" : "";
}

/** Browsers keep randomUUID for pages that came by https or from this machine. */
function idOf() {
  return crypto.randomUUID();
}
