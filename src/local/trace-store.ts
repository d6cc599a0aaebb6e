import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parse } from "protobufjs";

/** One piece of work in a trace. */
export interface Span {
  /** Agent that did it. */
  readonly agent: string;
  readonly name: string;
  /** Id of the span that it is part of; empty for the first. */
  readonly parent: string;
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly started: number;
  readonly ms: number;
  readonly failed: boolean;
}

/** What one call set off, in all agents. */
export interface Trace {
  readonly id: string;
  readonly spans: readonly Span[];
}

/** Takes the agents' traces, and keeps the last ones. */
export interface TraceStore {
  /** Base URL for OTLP over HTTP. */
  readonly endpoint: string;
  /** Newest first, the spans of each as they began. */
  readonly last: () => readonly Trace[];
  readonly stop: () => void;
}

/** Traces that are kept: more than anybody reads on a page. */
const KEPT = 50;

/** Bytes of one request: far more than an agent's batch of 512 spans. */
const LONGEST = 8 * 1024 * 1024;

/** Status of a span that failed. */
const ERROR = 2;

/**
 * What is read of OTLP, in its own numbers; the rest is skipped.
 *
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 */
const { root } = parse(`
  syntax = "proto3";
  message Request { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { string string_value = 1; }
  message ScopeSpans { repeated Span spans = 2; }
  message Status { int32 code = 3; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5;
    fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; Status status = 15;
  }
`);
const request = root.lookupType("Request");

/** The same, as it is decoded. */
interface Decoded {
  readonly resourceSpans?: readonly {
    readonly resource?: {
      readonly attributes?: readonly {
        readonly key: string;
        readonly value?: { readonly stringValue?: string };
      }[];
    };
    readonly scopeSpans?: readonly { readonly spans?: readonly DecodedSpan[] }[];
  }[];
}

interface DecodedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status?: { readonly code?: number };
}

/** Listens on the loopback address, on a port of the system's choice. */
export async function startTraceStore(): Promise<TraceStore> {
  const traces = new Map<string, Span[]>();
  const take = (body: Buffer) => {
    for (const [id, span] of spansIn(body)) {
      const spans = traces.get(id) ?? [];
      // What is written last is the newest.
      traces.delete(id);
      traces.set(id, [...spans, span]);
    }
    for (const id of [...traces.keys()].slice(0, -KEPT)) traces.delete(id);
  };
  const server = createServer(async (asked, response) => {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of asked) {
      length += (chunk as Buffer).length;
      if (length > LONGEST) return void response.writeHead(413).end();
      chunks.push(chunk as Buffer);
    }
    if (asked.url === "/v1/traces") {
      try {
        take(Buffer.concat(chunks));
      } catch {
        return void response.writeHead(400).end();
      }
    }
    response.setHeader("Content-Type", "application/x-protobuf").end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    last: () =>
      [...traces]
        .toReversed()
        .map(([id, spans]) => ({ id, spans: spans.toSorted((one, other) => one.started - other.started) })),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Every span of a request, with its trace's id. @throws Error when it is no OTLP */
function spansIn(body: Buffer): [string, Span][] {
  const decoded = request.toObject(request.decode(body), { bytes: String, longs: String }) as Decoded;
  return (decoded.resourceSpans ?? []).flatMap(({ resource, scopeSpans = [] }) => {
    const name = resource?.attributes?.find(({ key }) => key === "service.name");
    const agent = name?.value?.stringValue ?? "";
    return scopeSpans
      .flatMap(({ spans = [] }) => spans)
      .map((span): [string, Span] => {
        const started = milliseconds(span.startTimeUnixNano);
        return [
          hexOf(span.traceId),
          {
            agent,
            name: span.name,
            id: hexOf(span.spanId),
            parent: hexOf(span.parentSpanId ?? ""),
            started,
            ms: milliseconds(span.endTimeUnixNano) - started,
            failed: span.status?.code === ERROR,
          },
        ];
      });
  });
}

function milliseconds(nanoseconds: string): number {
  return Number(BigInt(nanoseconds) / 1000n) / 1000;
}

function hexOf(base64: string): string {
  return Buffer.from(base64, "base64").toString("hex");
}
