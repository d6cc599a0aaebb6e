import { RehearsalFailure } from "./failure";

/** Signals that ask a rehearsal to stop. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Ctrl-C and its kin, seen as one abort: `gentle` on the first, `forced` on the second. */
export interface Interruption {
  readonly gentle: AbortSignal;
  readonly forced: AbortSignal;
  /** Throws what the person is told, if there was a signal. */
  check(): void;
  /** Gives the signals back to Node. */
  release(): void;
}

/** Takes the signals from Node until they are released. */
export function watchInterruption(): Interruption {
  const gentle = new AbortController();
  const forced = new AbortController();
  let received: NodeJS.Signals | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (received === undefined) {
      received = signal;
      gentle.abort();
    } else {
      forced.abort();
    }
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    gentle: gentle.signal,
    forced: forced.signal,
    check: () => {
      if (received === undefined) return;
      throw new RehearsalFailure({
        what: `interrupted (${received})`,
        exitCode: received === "SIGINT" ? 130 : received === "SIGHUP" ? 129 : 143,
      });
    },
    release: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
