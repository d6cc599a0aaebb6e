import { once } from "node:events";
import { connect } from "node:tls";
import { isDeepStrictEqual } from "node:util";
import { agentCard, CARD_PATH, legacyAgentCard } from "../agent/agent-card";
import { contractDocuments } from "../agent/contract-documents";
import { CLAIMED_FORWARDING, FORWARDED_HOST } from "../agent/forwarding-headers";
import { type Agent, type Card, get, PATIENCE, VERSION_1 } from "./asked-agent";
import { broken, kept, type Outcome, unseen } from "./check";

export async function readCard({ url }: Agent): Promise<[Outcome, Card | undefined]> {
  const answer = await get(`${url}${CARD_PATH}`, VERSION_1);
  if (answer.status !== 200) {
    return [broken(`${CARD_PATH} answers ${answer.status} without a token, not 200`), undefined];
  }
  const parsed = contractDocuments.AgentCard.safeParse(await answer.json());
  if (parsed.success) return [kept("200, without a token"), parsed.data as Card];
  const [issue] = parsed.error.issues;
  return [broken(`it is no card: ${issue?.path.join(".")}: ${issue?.message}`), undefined];
}

export function checkCardUrl({ url }: Agent, card: Card): Outcome {
  const others = [...new Set(card.supportedInterfaces.map((each) => each.url))].filter(
    (each) => each.replace(/\/$/, "") !== url,
  );
  return others.length === 0
    ? kept(url)
    : broken(`it was asked at ${url}, and its card says ${others.join(", ")}`);
}

export async function checkLegacyCard({ url }: Agent, { supportedInterfaces }: Card): Promise<Outcome> {
  if (!supportedInterfaces.some(({ protocolVersion }) => protocolVersion === "0.3")) {
    return unseen("the agent speaks 1.0 alone");
  }
  const answer = await get(`${url}${CARD_PATH}`);
  const card: unknown = await answer.json();
  const parsed = contractDocuments.LegacyAgentCard.safeParse(card);
  if (!parsed.success) return broken("a client that names no version gets no card of 0.3");
  const named = (parsed.data as { url: string }).url;
  const current = supportedInterfaces.find(({ protocolVersion }) => protocolVersion === "0.3")?.url ?? url;
  return named === current ? kept(named) : broken(`it says ${named}, and the card of 1.0 ${current}`);
}

export async function checkSynthesized({ url, settings }: Agent, card: Card): Promise<Outcome> {
  const { workload } = settings;
  if (workload === undefined) return unseen("name the environment: --environment <name>");
  const expected: unknown = JSON.parse(JSON.stringify(agentCard(workload)));
  const differing = differencesOf(withoutUrls(expected), withoutUrls(card));
  if (differing.length > 0) return broken(`other than synthesized: ${differing.join(", ")}`);
  if (workload.protocolVersions.includes("0.3")) {
    const legacy: unknown = await (await get(`${url}${CARD_PATH}`)).json();
    const synthesized: unknown = JSON.parse(JSON.stringify(legacyAgentCard(workload)));
    const others = differencesOf(withoutUrls(synthesized), withoutUrls(legacy));
    if (others.length > 0) return broken(`for clients of 0.3 other than synthesized: ${others.join(", ")}`);
  }
  return kept(`version ${workload.version}`);
}

/** A card but for the agent's own URL, which a check of its own looks at. */
function withoutUrls(card: unknown): unknown {
  type Interfaces = readonly { readonly url?: string }[] | undefined;
  const bare = (interfaces: Interfaces) => interfaces?.map(({ url: _, ...rest }) => rest);
  const { url: _, ...rest } = card as { url?: string };
  const { supportedInterfaces, additionalInterfaces } = rest as Record<string, Interfaces>;
  return {
    ...rest,
    supportedInterfaces: bare(supportedInterfaces),
    additionalInterfaces: bare(additionalInterfaces),
  };
}

/** Properties that two objects don't have alike. */
function differencesOf(expected: unknown, found: unknown): string[] {
  const [left, right] = [expected, found] as Record<string, unknown>[];
  return [...new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})])].filter(
    (name) => !isDeepStrictEqual(left?.[name], right?.[name]),
  );
}

/** The card is the one thing that an agent shapes by the host that it believes it was asked at. */
export async function checkClaims({ url }: Agent): Promise<Outcome> {
  const claims = {
    [FORWARDED_HOST]: "elsewhere.invalid",
    ...Object.fromEntries(CLAIMED_FORWARDING.map((header) => [header, "elsewhere.invalid"])),
    Forwarded: "for=192.0.2.1;host=elsewhere.invalid",
  };
  const read = async (headers: Record<string, string>) => {
    const answer = await get(`${url}${CARD_PATH}`, { ...VERSION_1, ...headers });
    return { status: answer.status, text: await answer.text() };
  };
  const [honest, claimed] = [await read({}), await read(claims)];
  if (claimed.status !== honest.status)
    return broken(`${claimed.status} for a caller that claims a host, not ${honest.status}`);
  return claimed.text === honest.text
    ? kept("the card is the same")
    : broken("a caller that claims another host gets another card: nothing in front drops X-Forwarded-Host");
}

/** Days that a certificate should be good for: whoever renews it has failed for a while by then. */
const CERTIFICATE_DAYS = 7;

export async function checkTls({ url }: Agent): Promise<Outcome> {
  const { protocol, hostname, port } = new URL(url);
  if (protocol === "http:") {
    return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)
      ? unseen("the agent is on this machine, without TLS")
      : broken("http: everybody on the way reads along");
  }
  const socket = connect({ host: hostname, port: Number(port || 443), servername: hostname });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(PATIENCE) });
    // Node agrees to nothing older than TLSv1.2: who offers less doesn't get here.
    const version = socket.getProtocol() ?? "";
    const days = Math.floor((Date.parse(socket.getPeerCertificate().valid_to) - Date.now()) / 86_400_000);
    if (days < CERTIFICATE_DAYS) return broken(`the certificate ends in ${days} days`);
    return kept(`${version}, a certificate for ${days} more days`);
  } finally {
    socket.destroy();
  }
}

export async function checkCaching({ url }: Agent): Promise<Outcome> {
  const first = await get(`${url}${CARD_PATH}`, VERSION_1);
  await first.body?.cancel();
  const tag = first.headers.get("etag");
  const control = first.headers.get("cache-control") ?? "";
  if (tag === null) return broken("it has no ETag");
  if (!/max-age=\d+/.test(control)) return broken(`Cache-Control is '${control}', without max-age`);
  // As fetch would say no-cache of its own beside If-None-Match, unless told otherwise.
  const again = await get(`${url}${CARD_PATH}`, {
    ...VERSION_1,
    "If-None-Match": tag,
    "Cache-Control": "max-age=0",
  });
  await again.body?.cancel();
  return again.status === 304
    ? kept(`${control}, 304 for its tag`)
    : broken(`${again.status} for its own tag, not 304`);
}
