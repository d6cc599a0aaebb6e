// Asks a caller's peers from where the caller is: with its variables, its identity and its network. Run by
// `npm run verify -- <environment> --inside <caller>` with the code of the TypeScript image, in the folder of that. Says
// what came of it in lines of JSON, one for each question: long lines are cut in some clouds' logs, and reordered.
const { caller, peers, closed, staysSeconds = 0 } = JSON.parse(process.env.VERIFY_INSIDE);

/** Milliseconds that an answer may take, and in which whoever listens has answered. */
const PATIENCE = 15_000;
const SOON = 3000;
const CARD = ".well-known/agent-card.json";
const NOT_FOUND = -32001;

const kept = (saw) => ({ verdict: "kept", saw });
const broken = (saw) => ({ verdict: "broken", saw });
const unseen = (saw) => ({ verdict: "unseen", saw });
const reasonOf = (error) =>
  error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
const get = (url, patience = PATIENCE) =>
  fetch(url, {
    headers: { "A2A-Version": "1.0" },
    redirect: "manual",
    signal: AbortSignal.timeout(patience),
  });

const results = [];
async function ask(url, check, promise, question) {
  const outcome = await question().catch((error) => broken(`no answer: ${reasonOf(error)}`));
  const result = { url, check, promise, ...outcome };
  console.log(JSON.stringify({ verified: result, at: results.length }));
  results.push(result);
  return outcome;
}

/** Asks for a task that nobody has, which begins nothing. */
function askForNothing(url, headers) {
  return fetch(url, {
    method: "POST",
    headers: { "A2A-Version": "1.0", "Content-Type": "application/json", ...headers },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "GetTask", params: { id: crypto.randomUUID() } }),
    signal: AbortSignal.timeout(PATIENCE),
  });
}

/** The caller's own way to tokens. */
async function openTokens() {
  const folder = new URL(`file://${process.cwd()}/dist/fleet/`);
  const { readSettings } = await import(new URL("settings.js", folder));
  const { PeerTokens } = await import(new URL("tokens.js", folder));
  return new PeerTokens(readSettings(JSON.parse(process.env.AGENT_SKILLS).map(({ id }) => id)));
}

/** A token of the caller's for one of its peers, which opens nothing else. */
let tokenForPeer = {};

async function askPeer(name, url, { readyPath, cardUrl }, tokens) {
  const scope = JSON.parse(process.env.AGENT_SCOPES ?? "{}")[url];
  // A platform that asks callers itself says 403 to who shows nothing.
  const guarded = JSON.parse(process.env.PEER_TOKEN_AUDIENCES ?? "{}")[url] !== undefined;
  const locked = guarded || (scope !== undefined && process.env.A2A_AUTH_ENABLED === "true");
  await ask(url, "inside-ready", "a peer is there, and takes work", async () => {
    const { status } = await get(`${url}${readyPath.replace(/^\//, "")}`);
    return status === 200 ? kept(`${name} is ready`) : broken(`${status}, not 200`);
  });
  await ask(url, "inside-card", "its card is found below the URL that the caller was given", async () => {
    const answer = await get(`${url}${CARD}`);
    if (answer.status !== 200) return broken(`${answer.status}, not 200`);
    const named = (await answer.json()).supportedInterfaces.map((each) => each.url);
    if (cardUrl === null) return kept(`it names ${named.join(", ")}`);
    return named.includes(cardUrl) ? kept(cardUrl) : broken(`it names ${named.join(", ")}, not ${cardUrl}`);
  });
  await ask(url, "inside-without-token", "it lets nobody in without a token (401)", async () => {
    if (!locked) return unseen("the caller was given no scope for it");
    const { status } = await askForNothing(url, {});
    return status === 401 || (guarded && status === 403) ? kept(`${status}`) : broken(`${status}, not 401`);
  });
  let headers = {};
  const token = await ask(url, "inside-token", "the caller gets a token for it", async () => {
    headers = await tokens.headersFor(url);
    tokenForPeer = headers;
    if (Object.keys(headers).length > 0) return kept(`for ${scope ?? "its platform's own check"}`);
    return locked ? broken(`none for ${scope ?? url}`) : unseen("nobody asks for one");
  });
  await ask(url, "inside-success", "it lets the caller in, who has the role", async () => {
    if (token.verdict === "broken") return unseen("there was no token");
    const answer = await askForNothing(url, headers);
    const text = await answer.text();
    let code;
    try {
      code = JSON.parse(text).error?.code;
    } catch {}
    return answer.status === 200 && code === NOT_FOUND
      ? kept("it looked for a task that is nobody's")
      : broken(`${answer.status}: ${text.slice(0, 200)}`);
  });
}

/** Whoever answers at one of these, with whatever, is there for a caller that has no business with it. */
async function askClosed() {
  const unreachable = closed.filter(({ letsIn }) => letsIn !== "nobody");
  if (unreachable.length === 0) return unseen("nothing here is closed to it");
  if (!results.some(({ verdict }) => verdict === "kept"))
    return unseen("nothing answered, also not what should");
  const answers = await Promise.all(
    unreachable.map(async ({ url, refuses }) => {
      const status = await statusOf(get(url, SOON));
      // A sidecar is asked, and says no.
      return status === null || (refuses && [401, 403, 500].includes(status)) ? [] : [`${url} (${status})`];
    }),
  );
  const open = answers.flat();
  return open.length === 0
    ? kept(`nobody at ${unreachable.length} other addresses of the fleet`)
    : broken(`it is answered at ${open.join(", ")}`);
}

/** Where everybody reaches everybody, who is no peer has to say no: without a token, and with one for somebody else. */
async function askStrangers(strangers) {
  if (process.env.A2A_AUTH_ENABLED !== "true" && process.env.PEER_TOKEN_AUDIENCES === undefined)
    return unseen("nobody asks for tokens here");
  const answers = await Promise.all(
    strangers.flatMap(({ url }) =>
      [{}, tokenForPeer].map(async (headers) => {
        const status = await statusOf(askForNothing(url, headers));
        const how = headers === tokenForPeer ? "with a token for a peer" : "without a token";
        return status === null || [401, 403, 404].includes(status) ? [] : [`${url} (${status} ${how})`];
      }),
    ),
  );
  const open = answers.flat();
  return open.length === 0
    ? kept(
        `${strangers.length === 1 ? "the one other agent says" : `${strangers.length} other agents say`} no`,
      )
    : broken(`it is let in at ${open.join(", ")}`);
}

/** Status of an answer, or null where there is none. */
function statusOf(answer) {
  return answer.then(
    ({ status }) => status,
    () => null,
  );
}

const sidecar = process.env.DAPR_HTTP_PORT;
if (sidecar !== undefined) {
  // It may start after its pod's other containers.
  for (let tries = 0; tries < 60; tries += 1) {
    const answer = await get(`http://127.0.0.1:${sidecar}/v1.0/healthz/outbound`, SOON).catch(
      () => undefined,
    );
    if (answer?.ok) break;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
const registry = JSON.parse(process.env.AGENT_REGISTRY ?? "{}");
const tokens = await openTokens().catch((error) => ({
  headersFor: async () => {
    throw error;
  },
}));
for (const [name, url] of Object.entries(registry)) {
  const known = peers[name];
  if (known !== undefined) await askPeer(name, url, known, tokens);
}
const from = `from ${caller}`;
const strangers = closed.filter(({ letsIn }) => letsIn === "nobody");
if (strangers.length === 0)
  await ask(from, "inside-closed", "nothing answers that is no peer of the caller's", askClosed);
else
  await ask(from, "inside-refused", "who is no peer of the caller's doesn't let it in", () =>
    askStrangers(strangers),
  );
console.log(JSON.stringify({ verified: "all", of: results.length }));
// Some clouds show what a job says only while it is there: whoever reads this ends it.
await new Promise((resolve) => setTimeout(resolve, staysSeconds * 1000));
// A pod is over when all its containers are.
if (sidecar !== undefined)
  await fetch(`http://127.0.0.1:${sidecar}/v1.0/shutdown`, { method: "POST" }).catch(() => {});
