import { type Agent, askForNothing, type Card, PATIENCE } from "./asked-agent";
import { broken, kept, type Outcome, unseen } from "./check";

export async function checkRefused(agent: Agent, card: Card, token: string | undefined): Promise<Outcome> {
  const { status, body } = await askForNothing(agent, token);
  await body?.cancel();
  if (status === 401) return kept("401");
  const needed = asksForToken(card) || agent.settings.token !== undefined;
  if (!needed) return unseen("its card asks for no token");
  return broken(`${status}, not 401`);
}

export async function checkRole(agent: Agent, card: Card): Promise<Outcome> {
  const { tokenWithoutRole } = agent.settings;
  if (tokenWithoutRole === undefined) {
    return unseen(
      asksForToken(card)
        ? "put a token of a caller without the role into A2A_TOKEN_WITHOUT_ROLE"
        : "its card asks for no token",
    );
  }
  const { status, body } = await askForNothing(agent, tokenWithoutRole);
  await body?.cancel();
  return status === 403 ? kept("403") : broken(`${status}, not 403`);
}

export function asksForToken({ securityRequirements = [] }: Card): boolean {
  return securityRequirements.length > 0;
}

const ELSEWHERE = "https://elsewhere.invalid";

export async function checkOrigins(agent: Agent): Promise<Outcome> {
  const { origin } = agent.settings;
  const stranger = await allowedOrigin(agent, ELSEWHERE);
  if (stranger === "*" || stranger === ELSEWHERE) return broken(`any origin is let in (${stranger})`);
  if (origin === undefined) return kept(`${ELSEWHERE} is not let in`);
  const own = await allowedOrigin(agent, origin);
  return own === origin
    ? kept(`${origin} is let in, ${ELSEWHERE} is not`)
    : broken(`${origin} is not let in`);
}

async function allowedOrigin({ url }: Agent, origin: string): Promise<string | null> {
  const { headers, body } = await fetch(url, {
    method: "OPTIONS",
    signal: AbortSignal.timeout(PATIENCE),
    headers: { Origin: origin, "Access-Control-Request-Method": "POST" },
  });
  await body?.cancel();
  return headers.get("access-control-allow-origin");
}

export async function checkLimit(agent: Agent): Promise<Outcome> {
  const { burst = 0, token } = agent.settings;
  if (burst === 0) return unseen("uses up the caller's minute, so only when asked: --burst <requests>");
  const answers = await Promise.all(
    Array.from({ length: burst }, async () => {
      const { status, headers, body } = await askForNothing(agent, token);
      await body?.cancel();
      return { status, retryAfter: headers.get("retry-after") };
    }),
  );
  const refused = answers.filter(({ status }) => status === 429);
  if (refused.length === 0) return broken(`${burst} requests at once, and none was refused with 429`);
  const mute = refused.filter(({ retryAfter }) => !/^[1-9]\d*$/.test(retryAfter ?? ""));
  return mute.length === 0
    ? kept(`429 after ${burst - refused.length} requests, Retry-After ${refused[0]?.retryAfter} s`)
    : broken("429 without Retry-After");
}
