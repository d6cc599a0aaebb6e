import { allowOnly, type Field, refuseNegative } from "../field";
import { headerName, portName, portNumber } from "../formats/names";

/** Probes, and what containers do when they start and stop. */

export function judgeProbes(container: Field, grace: number): void {
  const liveness = container.at("livenessProbe");
  const readiness = container.at("readinessProbe");
  const startup = container.at("startupProbe");
  for (const probe of [liveness, readiness, startup]) if (probe.isSet) judgeProbe(probe, grace);
  for (const probe of [liveness, startup]) {
    const successes = probe.at("successThreshold");
    // Zero is what nothing stands for.
    if (successes.number !== 0 && successes.number !== 1) successes.invalid("must be 1");
  }
  const own = readiness.at("terminationGracePeriodSeconds");
  if (own.isSet) own.invalid("must not be set for readinessProbes");
}

function judgeProbe(probe: Field, grace: number): void {
  judgeHandler(probe, grace, ["exec", "httpGet", "tcpSocket", "grpc"]);
  for (const name of [
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
  ]) {
    refuseNegative(probe.at(name));
  }
  const own = probe.at("terminationGracePeriodSeconds");
  if (own.isSet && own.number <= 0) own.invalid("must be greater than 0");
}

export function judgeLifecycle(lifecycle: Field, grace: number): void {
  for (const name of ["postStart", "preStop"]) {
    const handler = lifecycle.at(name);
    if (handler.isSet) judgeHandler(handler, grace, ["exec", "httpGet", "tcpSocket", "sleep"]);
  }
}

function judgeHandler(field: Field, grace: number, kinds: readonly string[]): void {
  const given = kinds.map((kind) => field.at(kind)).filter(({ isSet }) => isSet);
  if (given.length === 0) field.required("must specify a handler type");
  for (const second of given.slice(1)) second.forbidden("may not specify more than 1 handler type");
  const [handler] = given;
  if (handler === undefined) return;
  if (handler.path.endsWith(".exec") && handler.at("command").isEmpty) handler.at("command").required();
  if (handler.path.endsWith(".httpGet")) judgeRequest(handler);
  if (handler.path.endsWith(".tcpSocket")) judgePort(handler.at("port"));
  if (handler.path.endsWith(".grpc")) handler.at("port").invalidAll(portNumber(handler.at("port").number));
  if (handler.path.endsWith(".sleep")) {
    const { number } = handler.at("seconds");
    if (number < 0 || number > grace) {
      handler.invalid(`must be non-negative and less than terminationGracePeriodSeconds (${grace})`, number);
    }
  }
}

function judgeRequest(request: Field): void {
  judgePort(request.at("port"));
  allowOnly(request.at("scheme"), ["HTTP", "HTTPS"]);
  for (const header of request.at("httpHeaders").items()) {
    request.at("httpHeaders").invalidAll(headerName(header.at("name").text), header.at("name").text);
  }
}

/** A port by its number or its name. */
export function judgePort(port: Field): void {
  if (typeof port.value === "string") port.invalidAll(portName(port.value));
  else port.invalidAll(portNumber(port.number), port.number);
}
