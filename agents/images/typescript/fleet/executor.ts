/** Runs skills as the SDK's executor: one answer, up to a deadline, and a last state with a reason. */
import { Role, TaskState } from "@a2a-js/sdk";
import {
  AgentEvent,
  type AgentExecutor,
  type ExecutionEventBus,
  type RequestContext,
} from "@a2a-js/sdk/server";
import { Answer } from "./answer.js";
import { log } from "./logs.js";
import { ownerOf } from "./owner.js";
import { dataOf, statusEvent, statusOf, type TaskIds, textsOf } from "./parts.js";
import type { Settings } from "./settings.js";
import { NeedsInput, Rejected, type Skill } from "./skill.js";

/** Why a task was stopped before its skill was done. */
export type Stop = "canceled" | "deadline" | "handed over" | "lost" | "shutdown";

/** What the handler knows of a run besides the request; the SDK passes it on. */
export interface RunState {
  /** Aborted with the reason to stop, a `Stop`. */
  readonly signal: AbortSignal;
  readonly resumed: boolean;
}

export const RUN_STATE = "a2a-fleet run";

export class FleetExecutor implements AgentExecutor {
  constructor(
    private readonly settings: Settings,
    private readonly skills: Readonly<Record<string, Skill>>,
    private readonly paceMs: number = 0,
  ) {}

  execute = async (request: RequestContext, bus: ExecutionEventBus): Promise<void> => {
    const ids: TaskIds = { taskId: request.taskId, contextId: request.contextId };
    const { signal } = runOf(request);
    const answer = new Answer(bus, ids);
    bus.publish(AgentEvent.task(this.begin(request, ids)));
    const stopped = new Promise<Stop>((resolve) => {
      signal.addEventListener("abort", () => resolve(signal.reason as Stop), { once: true });
    });
    const answered = this.answer(request, answer).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const end = await Promise.race([stopped, answered]);
    answer.discard();
    if (typeof end === "string") this.publishStop(bus, ids, end);
    else this.publishEnd(bus, ids, end?.error);
  };

  /** The handler writes what a cancellation means, wherever the task runs. */
  cancelTask = async (): Promise<void> => {};

  private begin(request: RequestContext, ids: TaskIds) {
    return {
      id: ids.taskId,
      contextId: ids.contextId,
      status: statusOf(TaskState.TASK_STATE_WORKING, ids),
      artifacts: [],
      history: request.task?.history ?? [],
      metadata: { skill: this.skillOf(request) },
    };
  }

  private skillOf(request: RequestContext): string {
    const asked = request.task?.metadata?.skill ?? request.userMessage.metadata?.skill;
    return String(asked ?? this.settings.skillIds[0]);
  }

  private async answer(request: RequestContext, answer: Answer): Promise<void> {
    const { signal, resumed } = runOf(request);
    const message = request.userMessage;
    const skill = this.skillOf(request);
    const run = this.skills[skill];
    if (run === undefined) throw new Rejected(`there is no skill '${skill}'`);
    const said = (request.task?.history ?? []).filter(
      ({ role, messageId }) => role === Role.ROLE_USER && messageId !== message.messageId,
    );
    const parts = run({
      skill,
      text: textsOf(message.parts),
      data: dataOf(message.parts),
      taskId: request.taskId,
      contextId: request.contextId,
      caller: ownerOf(request.context),
      resumed,
      earlier: said.map((earlier) => textsOf(earlier.parts)),
      signal,
    });
    try {
      for await (const part of parts) {
        if (signal.aborted) return;
        answer.add(part);
        if (this.paceMs > 0) await new Promise((resolve) => setTimeout(resolve, this.paceMs));
      }
    } finally {
      if (!signal.aborted) answer.flush();
    }
  }

  private publishStop(bus: ExecutionEventBus, ids: TaskIds, stop: Stop): void {
    if (stop === "deadline") {
      const seconds = this.settings.taskTimeoutMs / 1000;
      bus.publish(
        statusEvent(TaskState.TASK_STATE_FAILED, ids, `the task's deadline of ${seconds} s passed`),
      );
    } else if (stop === "shutdown") {
      const reason = "the replica that worked on it was stopped before the task could end";
      bus.publish(statusEvent(TaskState.TASK_STATE_FAILED, ids, reason));
    }
    // The others are written elsewhere: by whoever canceled, or took it over.
  }

  private publishEnd(bus: ExecutionEventBus, ids: TaskIds, error: unknown): void {
    if (error === undefined) {
      bus.publish(statusEvent(TaskState.TASK_STATE_COMPLETED, ids));
    } else if (error instanceof NeedsInput) {
      bus.publish(statusEvent(TaskState.TASK_STATE_INPUT_REQUIRED, ids, error.message));
    } else if (error instanceof Rejected) {
      bus.publish(statusEvent(TaskState.TASK_STATE_REJECTED, ids, error.message));
    } else {
      // What went wrong inside is for the log; a caller learns that it did.
      log.error({ err: error }, "the skill failed");
      const name = error instanceof Error ? error.constructor.name : "unknown";
      bus.publish(statusEvent(TaskState.TASK_STATE_FAILED, ids, `the skill failed (${name})`));
    }
  }
}

function runOf(request: RequestContext): RunState {
  const run = request.context.state.get(RUN_STATE) as RunState | undefined;
  return run ?? { signal: new AbortController().signal, resumed: false };
}
