import { type Agent, type Card, reasonOf, type VerifySettings } from "./asked-agent";
import { checkBeside } from "./beside-check";
import { checkLimit, checkOrigins, checkRefused, checkRole } from "./caller-checks";
import {
  checkCaching,
  checkCardUrl,
  checkClaims,
  checkLegacyCard,
  checkSynthesized,
  checkTls,
  readCard,
} from "./card-checks";
import { broken, type Outcome, type Verified } from "./check";
import { checkKeys } from "./key-check";
import {
  checkEnd,
  checkEvents,
  checkHeartbeat,
  checkResubscribed,
  checkSuccess,
  checkTaskVisible,
  streamOnce,
} from "./stream-checks";

/** Asks a running agent from outside whether it keeps the fleet's promises. Begins one task, and with `burst` looks for the limit. */
export async function verifyAgent(given: string, settings: VerifySettings = {}): Promise<Verified[]> {
  const url = given.replace(/\/$/, "");
  const agent: Agent = { url, settings };
  const results: Verified[] = [];
  const ask = async (check: string, promise: string, question: () => Outcome | Promise<Outcome>) => {
    const outcome = await Promise.resolve()
      .then(question)
      .catch((error: unknown) => broken(`no answer: ${whyNobodyAnswers(url, error)}`));
    results.push({ url, check, promise, ...outcome });
    return outcome;
  };

  let card: Card | undefined;
  await ask("card", "the card is public, and one of A2A 1.0", async () => {
    const [outcome, found] = await readCard(agent);
    card = found;
    return outcome;
  });
  if (card === undefined) return results;
  const found = card;
  await ask("card-url", "the card names the URL that callers use", () => checkCardUrl(agent, found));
  await ask("card-legacy", "clients of A2A 0.3 find a card with the same URL", () =>
    checkLegacyCard(agent, found),
  );
  await ask("card-as-synthesized", "the card is the one that the fleet's definition makes", () =>
    checkSynthesized(agent, found),
  );
  await ask("claimed-host", "what callers claim of hosts and proxies changes nothing", () =>
    checkClaims(agent),
  );
  await ask("tls", "callers are spoken to by TLS 1.2 or newer, with a certificate that lasts", () =>
    checkTls(agent),
  );
  await ask("card-caching", "the card may be kept, and is asked for again by its tag", () =>
    checkCaching(agent),
  );
  await ask("without-token", "nobody gets in without a token (401)", () =>
    checkRefused(agent, found, undefined),
  );
  await ask("wrong-token", "nobody gets in with a token that nobody signed (401)", () =>
    checkRefused(agent, found, "not.a.token"),
  );
  await ask("without-role", "nobody gets in without the role (403)", () => checkRole(agent, found));
  await ask("signing-keys", "the key that the issuer signs with is known, also when it is new", () =>
    checkKeys(agent, found),
  );
  await ask("beside", "nothing answers beside the way that callers take", () => checkBeside(agent, found));
  const streamed = await streamOnce(agent, found);
  await ask("success", "a caller with a token is served", () => checkSuccess(streamed));
  await ask("events", "events pass one by one", () => checkEvents(streamed));
  await ask("end", "a stream ends with the task's last state, within its deadline", () =>
    checkEnd(agent, streamed),
  );
  await ask("resubscribe", "a task that is at work can be taken up again", () =>
    checkResubscribed(agent, streamed),
  );
  await ask("task-visible", "a task is there whoever is asked for it", () =>
    checkTaskVisible(agent, streamed),
  );
  await ask("heartbeat", "a silent stream is kept open by heartbeats", () => checkHeartbeat(agent, streamed));
  await ask("origins", "browsers of other origins are not let in", () => checkOrigins(agent));
  await ask("rate-limit", "who asks too much is told when to come back", () => checkLimit(agent));
  return results;
}

/** Why there is no answer; what is most often the asker's own mistake with what to do. */
function whyNobodyAnswers(url: string, error: unknown): string {
  const { hostname, host } = new URL(url);
  const { cause } = error as { readonly cause?: { readonly code?: string } };
  switch (cause?.code) {
    case "ENOTFOUND":
      return `there is no host '${hostname}'; correct the URL, or ask from where the name is known`;
    case "ECONNREFUSED":
      return `nobody listens at ${host}; start it, or correct the URL`;
    default:
      return reasonOf(error);
  }
}
