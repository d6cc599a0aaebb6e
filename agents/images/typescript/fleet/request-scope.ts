/** What is known of the request or task that is worked on, for whatever is called on its way. */
import { AsyncLocalStorage } from "node:async_hooks";

export interface RequestScope {
  /** Aborted when the caller's connection is gone. */
  readonly signal?: AbortSignal;
  readonly caller?: string;
  readonly taskId?: string;
  readonly contextId?: string;
  readonly skill?: string;
}

export const requestScope = new AsyncLocalStorage<RequestScope>();
