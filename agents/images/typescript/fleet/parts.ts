/** The SDK's messages and parts, which have every field or none. */
import { randomUUID } from "node:crypto";
import { type Artifact, type Message, type Part, Role, type TaskState, type TaskStatus } from "@a2a-js/sdk";
import { AgentEvent, type AgentExecutionEvent } from "@a2a-js/sdk/server";

/** What an event says whose task it is. */
export interface TaskIds {
  readonly taskId: string;
  readonly contextId: string;
}

export function textPart(text: string): Part {
  return { content: { $case: "text", value: text }, metadata: undefined, filename: "", mediaType: "" };
}

export function dataPart(data: unknown): Part {
  return { content: { $case: "data", value: data }, metadata: undefined, filename: "", mediaType: "" };
}

export function statusOf(state: TaskState, ids: TaskIds, text?: string): TaskStatus {
  const message: Message | undefined =
    text === undefined
      ? undefined
      : {
          ...ids,
          messageId: randomUUID(),
          role: Role.ROLE_AGENT,
          parts: [textPart(text)],
          metadata: undefined,
          extensions: [],
          referenceTaskIds: [],
        };
  return { state, message, timestamp: new Date().toISOString() };
}

export function statusEvent(state: TaskState, ids: TaskIds, text?: string): AgentExecutionEvent {
  return AgentEvent.statusUpdate({ ...ids, status: statusOf(state, ids, text), metadata: undefined });
}

export function artifactEvent(
  ids: TaskIds,
  artifactId: string,
  parts: Part[],
  append: boolean,
): AgentExecutionEvent {
  const artifact: Artifact = {
    artifactId,
    name: artifactId,
    description: "",
    parts,
    metadata: undefined,
    extensions: [],
  };
  return AgentEvent.artifactUpdate({ ...ids, artifact, append, lastChunk: false, metadata: undefined });
}

/** The texts of a message, a line each. */
export function textsOf(parts: readonly Part[] | undefined): string {
  return (parts ?? [])
    .flatMap(({ content }) => (content?.$case === "text" ? [content.value] : []))
    .join("\n");
}

export function dataOf(parts: readonly Part[] | undefined): unknown[] {
  return (parts ?? []).flatMap(({ content }) => (content?.$case === "data" ? [content.value] : []));
}
