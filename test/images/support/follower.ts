import { randomUUID } from "node:crypto";
import { type Part, Role, type StreamResponse, type Task, TaskState } from "@a2a-js/sdk";
import { type Client, ClientFactory } from "@a2a-js/sdk/client";

/** What a client of the protocol knows of a task, from nothing but its events. */
export class Seen {
  taskId = "";
  state = "";
  /** Words of the last status. */
  reason = "";
  text = "";
  events = 0;
  /** Whether the last event told it to subscribe again. */
  resubscribe = false;
  private readonly artifacts = new Map<string, string>();

  take({ payload }: StreamResponse): this {
    this.events += 1;
    this.resubscribe = false;
    if (payload?.$case === "task") this.takeTask(payload.value);
    if (payload?.$case === "statusUpdate") {
      this.taskId = payload.value.taskId;
      this.resubscribe = payload.value.metadata?.resubscribe === true;
      this.takeStatus(payload.value.status);
    }
    if (payload?.$case === "artifactUpdate") {
      const { artifact, append } = payload.value;
      const id = artifact?.artifactId ?? "";
      const before = append ? (this.artifacts.get(id) ?? "") : "";
      this.artifacts.set(id, before + textOf(artifact?.parts));
    }
    this.text = [...this.artifacts.values()].join("");
    return this;
  }

  takeTask(task: Task): this {
    this.taskId = task.id;
    this.takeStatus(task.status);
    this.artifacts.clear();
    for (const { artifactId, parts } of task.artifacts) this.artifacts.set(artifactId, textOf(parts));
    this.text = [...this.artifacts.values()].join("");
    return this;
  }

  get ended(): boolean {
    return ["COMPLETED", "FAILED", "CANCELED", "REJECTED", "INPUT_REQUIRED"].includes(this.state);
  }

  private takeStatus(status: Task["status"]): void {
    this.state = TaskState[status?.state ?? 0]?.replace("TASK_STATE_", "") ?? "";
    this.reason = textOf(status?.message?.parts);
  }
}

export function textOf(parts: readonly Part[] = []): string {
  return parts.map(({ content }) => (content?.$case === "text" ? content.value : "")).join("");
}

/** A message as a client sends it. */
export function messageOf(text: string, skill?: string, ids: { taskId?: string; contextId?: string } = {}) {
  return {
    tenant: "",
    configuration: undefined,
    metadata: undefined,
    message: {
      messageId: randomUUID(),
      role: Role.ROLE_USER,
      contextId: ids.contextId ?? "",
      taskId: ids.taskId ?? "",
      parts: [
        {
          content: { $case: "text" as const, value: text },
          metadata: undefined,
          filename: "",
          mediaType: "",
        },
      ],
      metadata: skill === undefined ? undefined : { skill },
      extensions: [],
      referenceTaskIds: [],
    },
  };
}

/** The official client, by its own resolver at the URL exactly as it stands. */
export function clientOf(url: string): Promise<Client> {
  return new ClientFactory().createFromUrl(url);
}

/**
 * Streams a task from one replica, and takes it up again at another when the stream is cut or says so.
 *
 * @param onEvent called with what is known after each event of the first stream.
 */
export async function follow(
  first: string,
  second: string,
  text: string,
  skill: string,
  onEvent: (seen: Seen) => void = () => {},
): Promise<Seen & { readonly streams: number }> {
  const seen = new Seen();
  let streams = 1;
  try {
    for await (const event of (await clientOf(first)).sendMessageStream(messageOf(text, skill)))
      onEvent(seen.take(event));
  } catch (error) {
    if (seen.taskId === "") throw error;
  }
  const other = await clientOf(second);
  while (!seen.ended && streams < 20) {
    streams += 1;
    try {
      for await (const event of other.resubscribeTask({ id: seen.taskId, tenant: "" })) seen.take(event);
    } catch {
      // It ended before it could be subscribed to: its last state says how.
      seen.takeTask(await other.getTask({ id: seen.taskId, tenant: "", historyLength: undefined }));
    }
  }
  return Object.assign(seen, { streams });
}
