import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { type Agent, askForNothing, type Card, get, reasonOf } from "./asked-agent";
import { asksForToken } from "./caller-checks";
import { broken, kept, type Outcome, unseen } from "./check";

/** Milliseconds in which an agent has to have noticed a new key: the images ask their issuer every five seconds at most. */
const NOTICED_WITHIN = 15_000;

/** Tells a token that is wrong from an agent that has not the keys of its issuer. */
export async function checkKeys(agent: Agent, card: Card): Promise<Outcome> {
  const { token, tokenOfNewKey } = agent.settings;
  const asked = tokenOfNewKey ?? token;
  if (asked === undefined) {
    return unseen(asksForToken(card) ? "put a caller's token into A2A_TOKEN" : "its card asks for no token");
  }
  const started = Date.now();
  while ((await statusFor(agent, asked)) === 401) {
    if (Date.now() - started > NOTICED_WITHIN) return whoIsWrong(asked);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  const { kid = "without an id" } = decodeProtectedHeader(asked);
  if (tokenOfNewKey === undefined) return kept(`it knows the key ${kid}`);
  return kept(
    `it knows the key ${kid}, ${Math.round((Date.now() - started) / 1000)} s after it was first used`,
  );
}

async function statusFor(agent: Agent, token: string): Promise<number> {
  const { status, body } = await askForNothing(agent, token);
  await body?.cancel();
  return status;
}

/** An agent refuses the token: does its issuer's own list of keys, too? */
async function whoIsWrong(token: string): Promise<Outcome> {
  try {
    const { iss = "" } = decodeJwt(token);
    const answer = await get(`${iss.replace(/\/$/, "")}/.well-known/openid-configuration`);
    const { jwks_uri } = (await answer.json()) as { jwks_uri: string };
    const { protectedHeader } = await jwtVerify(token, createRemoteJWKSet(new URL(jwks_uri)));
    return broken(
      `401 for a token that is signed with the issuer's key ${protectedHeader.kid}: the agent's keys are not fetched again`,
    );
  } catch (error) {
    return unseen(`the token is refused by its issuer's own keys as well: ${reasonOf(error)}`);
  }
}
