/** One piece of a stream of events, as it came. */
export interface StreamPiece {
  /** Milliseconds since the request. */
  readonly at: number;
  /** What the event says, or null for a comment: a heartbeat. */
  readonly data: string | null;
}

/**
 * Reads a stream of events to its end.
 *
 * @param onPiece called with each piece as it comes
 * @throws Error when the stream is cut
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  started: number,
  onPiece: (piece: StreamPiece) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const at = performance.now() - started;
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith(":")) onPiece({ at, data: null });
      else if (line.startsWith("data:")) onPiece({ at, data: line.slice("data:".length).trim() });
    }
  }
}

/** When the agent says that it sent each event, in milliseconds; events without a time are left out. */
export function sendTimes(pieces: readonly StreamPiece[]): number[] {
  return pieces.flatMap(({ data }) => {
    const [, timestamp] = /"timestamp"\s*:\s*"([^"]+)"/.exec(data ?? "") ?? [];
    const time = Date.parse(timestamp ?? "");
    return Number.isNaN(time) ? [] : [time];
  });
}

/** The longest silence between two pieces, in milliseconds. */
export function largestGap(times: readonly number[]): number {
  return Math.max(0, ...times.slice(1).map((time, index) => time - (times[index] ?? time)));
}
