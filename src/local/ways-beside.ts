import { networkInterfaces } from "node:os";
import { CONSOLE_PATH } from "./console-page";
import type { FleetDescription } from "./describe-fleet";

/**
 * Where other machines would find a process of the fleet that runs here if it listened to them: every address of this
 * machine but the loopback, with the port of the agent and that of the front.
 */
export async function waysBeside(frontUrl: string, agent: string): Promise<string[]> {
  const answer = await fetch(`${frontUrl}${CONSOLE_PATH}/fleet.json`).catch(() => undefined);
  if (!answer?.ok) return [];
  const { agents } = (await answer.json()) as FleetDescription;
  const own = agents.find(({ name }) => name === agent)?.port;
  const addresses = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4")
    .map(({ address }) => address);
  return addresses.flatMap((address) => [
    ...(own === undefined ? [] : [`http://${address}:${own}`]),
    `http://${address}:${new URL(frontUrl).port}/agents/${agent}`,
  ]);
}
