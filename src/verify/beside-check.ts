import { request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { CARD_PATH } from "../agent/agent-card";
import type { Agent, Card } from "./asked-agent";
import { broken, kept, type Outcome, unseen } from "./check";

/** Milliseconds in which whoever listens has answered. */
const SOON = 3000;

/** Asks for the agent's card, and for metrics, wherever it must not be. */
export async function checkBeside({ settings }: Agent, card: Card): Promise<Outcome> {
  const { beside = [] } = settings;
  if (beside.length === 0) {
    return unseen("name addresses at which it must not answer: --beside <url>, or --environment <name>");
  }
  const answers = await Promise.all(
    beside.map(async (url) => {
      const base = url.replace(/\/$/, "");
      const [cardThere, metrics] = await Promise.all([
        textAt(`${base}${CARD_PATH}`),
        textAt(`${base}/metrics`),
      ]);
      if (isCardOf(cardThere, card)) return [`${url} gives its card`];
      return /^# TYPE a2a_/m.test(metrics ?? "") ? [`${url} gives its metrics`] : [];
    }),
  );
  const open = answers.flat();
  return open.length > 0 ? broken(open.join(", ")) : kept(`nobody at ${beside.join(", ")}`);
}

function isCardOf(text: string | null, { name }: Card): boolean {
  try {
    return (JSON.parse(text ?? "null") as { name?: unknown } | null)?.name === name;
  } catch {
    return false;
  }
}

/** What is answered with 200, or null. A certificate for another name is no protection, so none is asked for. */
function textAt(url: string): Promise<string | null> {
  return new Promise((resolve) => {
    const send = url.startsWith("https:") ? requestTls : requestPlain;
    const asked = send(url, { rejectUnauthorized: false, signal: AbortSignal.timeout(SOON) }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (data) => {
        text += data;
      });
      answer.once("end", () => resolve(answer.statusCode === 200 ? text : null));
      answer.once("error", () => resolve(null));
    });
    asked.once("error", () => resolve(null)).end();
  });
}
