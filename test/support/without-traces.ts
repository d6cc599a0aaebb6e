import traces from "cdktf/lib/tokens/private/stack-trace";

/**
 * cdktf takes a stack trace for each token that it makes, and more than half of what a stack costs to synthesize is the
 * way from each back to its TypeScript. Nobody reads them: they are for the words of an error of cdktf's own.
 */
traces.captureStackTrace = () => [];
