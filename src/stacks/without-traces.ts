import { createRequire } from "node:module";

type Traces = typeof import("cdktf/lib/tokens/private/stack-trace");

/**
 * cdktf takes a stack trace for each reference that it makes, and a third of a synthesis is the way from each back to its
 * TypeScript. They are for the words of one kind of error of cdktf's own, which names the construct anyway.
 */
const traces = createRequire(__filename)("cdktf/lib/tokens/private/stack-trace") as Traces;
Object.assign(traces, { captureStackTrace: () => [] });
