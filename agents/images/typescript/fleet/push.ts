/** Push notifications, which callers must not aim at what only this agent can reach. */
import { lookup } from "node:dns";
import { lookup as lookUp } from "node:dns/promises";
import type { LookupFunction } from "node:net";
import { isIP } from "node:net";
import type { StreamResponse, Task } from "@a2a-js/sdk";
import { V03PushNotificationSerializer } from "@a2a-js/sdk/compat/v0_3/server";
import {
  type PushNotificationSender,
  type PushNotificationStore,
  type ServerCallContext,
  type StoredPushNotificationConfig,
  V1PushNotificationSerializer,
} from "@a2a-js/sdk/server";
import ipaddr from "ipaddr.js";
import { Agent, fetch } from "undici";
import { log } from "./logs.js";

const MS_TO_ANSWER = 5000;

/** Hosts besides public ones that may be notified: `.agents.svc.cluster.local`; loopback over HTTP, too, if named. */
function allowedHosts(): string[] {
  return (process.env.PUSH_ALLOWED_HOSTS ?? "").toLowerCase().split(",").filter(Boolean);
}

function isNamed(host: string): boolean {
  return allowedHosts().some(
    (allowed) => host === allowed || (allowed.startsWith(".") && host.endsWith(allowed)),
  );
}

/**
 * Whether a caller may have notifications sent there: HTTPS to a public address, or a host that is allowed.
 *
 * @throws Error with what is wrong with it.
 */
export async function checkPushUrl(text: string): Promise<void> {
  const url = new URL(text);
  const host = hostOf(url);
  if (url.username || url.password || !["https:", "http:"].includes(url.protocol)) {
    throw new Error(`'${url.host}' is not a URL to notify`);
  }
  const addresses = isIP(host) ? [{ address: host }] : await lookUp(host, { all: true });
  for (const { address } of addresses) {
    checkAddress(host, address);
    if (url.protocol === "http:" && !(isNamed(host) && rangeOf(address) === "loopback")) {
      throw new Error(`'${url.host}' is not notified without TLS`);
    }
  }
}

function hostOf(url: URL): string {
  return url.hostname.toLowerCase().replace(/^\[|\]$/g, "");
}

function rangeOf(address: string): string {
  return ipaddr.process(address).range();
}

function checkAddress(host: string, address: string): void {
  const range = rangeOf(address);
  const never = ["linkLocal", "multicast", "unspecified", "broadcast"].includes(range);
  if (never || !(range === "unicast" || isNamed(host))) throw new Error(`'${host}' is not a public host`);
}

/** Looks a name up at the moment of connecting: one that resolves differently the second time gains nothing. */
const checkedLookup: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, "", 0);
    try {
      for (const { address } of addresses) checkAddress(host.toLowerCase(), address);
    } catch (refused) {
      return callback(refused as Error, "", 0);
    }
    const [first] = addresses;
    if (options.all) return callback(null, addresses);
    return callback(null, first?.address ?? "", first?.family);
  });
};

const agent = new Agent({ connect: { lookup: checkedLookup, timeout: MS_TO_ANSWER } });
const serializers = { "1.0": new V1PushNotificationSerializer(), "0.3": new V03PushNotificationSerializer() };

/** Sends a task's events to whoever asked for them, one after another, in the words of the version they asked in. */
export class CheckedPushSender implements PushNotificationSender {
  private readonly latest = new Map<string, Promise<void>>();

  constructor(private readonly configs: PushNotificationStore) {}

  async send(response: StreamResponse, context: ServerCallContext, task?: Task): Promise<void> {
    if (task === undefined) return;
    const before = this.latest.get(task.id) ?? Promise.resolve();
    const sent = before.then(() => this.sendToAll(response, context, task));
    this.latest.set(task.id, sent);
    await sent.finally(() => {
      if (this.latest.get(task.id) === sent) this.latest.delete(task.id);
    });
  }

  private async sendToAll(response: StreamResponse, context: ServerCallContext, task: Task): Promise<void> {
    const configs = (await this.configs.loadWithMetadata?.(task.id, context)) ?? [];
    const sends = configs.map((config) =>
      notify(config, response, task).catch((error: unknown) => {
        log.warn(
          { taskId: task.id, host: new URL(config.config.url).host },
          `not notified: ${String(error)}`,
        );
      }),
    );
    await Promise.all(sends);
  }
}

async function notify(
  stored: StoredPushNotificationConfig,
  response: StreamResponse,
  task: Task,
): Promise<void> {
  const { url, token, authentication } = stored.config;
  await checkPushUrl(url);
  const serializer = stored.wireVersion === "0.3" ? serializers["0.3"] : serializers["1.0"];
  const { body, contentType } = serializer.serialize(response, task);
  const answer = await fetch(url, {
    method: "POST",
    body,
    dispatcher: agent,
    // It would be another address.
    redirect: "error",
    signal: AbortSignal.timeout(MS_TO_ANSWER),
    headers: {
      "Content-Type": contentType,
      ...(token ? { "X-A2A-Notification-Token": token } : {}),
      ...(authentication?.scheme && authentication.credentials
        ? { Authorization: `${authentication.scheme} ${authentication.credentials}` }
        : {}),
    },
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`it answered ${answer.status}`);
}
