/** A query that whoever is on call has at hand, in Log Analytics by its title and in the runbook by its name. */
export interface SavedQuery {
  /** Stable name, kebab-case. */
  readonly name: string;
  readonly title: string;
  /** Kusto. What is between `<` and `>` is for whoever asks to fill in. */
  readonly kql: string;
}

/** Agents' logs, wherever in Azure they run: one JSON object a line. */
const LINES = `let Lines = union isfuzzy=true
  (ContainerAppConsoleLogs_CL | project TimeGenerated, Line = parse_json(Log_s)),
  (ContainerLogV2 | project TimeGenerated, Line = parse_json(tostring(LogMessage)));
Lines`;

const SHOWN =
  "| project TimeGenerated, Agent = tostring(Line.service), Level = tostring(Line.level), Message = tostring(Line.message), Task = tostring(Line.taskId), Trace = tostring(Line.traceId)";

function lines(...steps: readonly string[]): string {
  return [LINES, ...steps].join("\n");
}

/** The runbook's queries. */
export const savedQueries: readonly SavedQuery[] = [
  {
    name: "by-task",
    title: "All lines about one task",
    kql: lines('| where tostring(Line.taskId) == "<task id>"', SHOWN, "| order by TimeGenerated asc"),
  },
  {
    name: "by-trace",
    title: "All lines of one trace, through all agents",
    kql: lines('| where tostring(Line.traceId) == "<trace id>"', SHOWN, "| order by TimeGenerated asc"),
  },
  {
    name: "denied",
    title: "Who is not let in, and why",
    kql: lines(
      '| where tostring(Line.message) startswith "refused:"',
      "| summarize Calls = count(), Last = max(TimeGenerated) by Agent = tostring(Line.service), Caller = tostring(Line.caller), Status = toint(Line.status), Reason = tostring(Line.message)",
      "| order by Calls desc",
    ),
  },
  {
    name: "failures",
    title: "What fails, by agent and message",
    kql: lines(
      '| where tostring(Line.level) == "error"',
      "| summarize Times = count(), Last = max(TimeGenerated), Task = take_any(tostring(Line.taskId)) by Agent = tostring(Line.service), Message = tostring(Line.message)",
      "| order by Times desc",
    ),
  },
  {
    name: "slow-tasks",
    title: "The slowest tasks and answers of models",
    kql: lines(
      '| where tostring(Line.measured) in ("a2a_task_duration_seconds", "a2a_model_request_duration_seconds")',
      "| project TimeGenerated, Agent = tostring(Line.service), What = tostring(Line.measured), Seconds = todouble(Line.seconds), Task = tostring(Line.taskId), Trace = tostring(Line.traceId)",
      "| top 50 by Seconds desc",
    ),
  },
  {
    name: "taken-over",
    title: "Tasks whose replica was gone",
    kql: lines(
      '| where tostring(Line.message) has_any ("the lease of a task is lost", "a task is taken over", "an orphaned task is failed")',
      SHOWN,
      "| order by TimeGenerated desc",
    ),
  },
  {
    name: "starts",
    title: "Replicas that begin and end",
    kql: lines(
      '| where tostring(Line.message) in ("ready", "draining", "drained", "draining failed")',
      SHOWN,
      "| order by TimeGenerated desc",
    ),
  },
  {
    name: "open-streams",
    title: "Open event streams, by agent",
    kql: 'AppMetrics\n| where Name == "a2a_open_streams"\n| summarize Streams = max(Sum / ItemCount) by AppRoleName, AppRoleInstance, bin(TimeGenerated, 1m)\n| summarize Streams = sum(Streams) by AppRoleName, TimeGenerated\n| render timechart',
  },
  {
    name: "who-calls-whom",
    title: "Who calls whom, how often, how long",
    kql: "AppDependencies\n| summarize Calls = sum(ItemCount), Failed = countif(Success == false), Milliseconds = avg(DurationMs) by Caller = AppRoleName, Callee = Target\n| order by Calls desc",
  },
  {
    name: "gateway-refusals",
    title: "What the gateway answers with an error",
    kql: "ApiManagementGatewayLogs\n| where ResponseCode >= 400\n| summarize Calls = count(), Last = max(TimeGenerated) by ApiId, ResponseCode, BackendResponseCode, LastErrorReason\n| order by Calls desc",
  },
  {
    name: "vault-denied",
    title: "Who is refused by the vault",
    kql: 'AzureDiagnostics\n| where ResourceProvider == "MICROSOFT.KEYVAULT" and httpStatusCode_d in (403, 429)\n| summarize Calls = count(), Last = max(TimeGenerated) by OperationName, CallerIPAddress, Status = httpStatusCode_d\n| order by Calls desc',
  },
  {
    name: "realm",
    title: "What the app that keeps Keycloak's realm says",
    kql: 'union isfuzzy=true\n  (ContainerAppConsoleLogs_CL | where ContainerAppName_s endswith "keycloak-realm" | project TimeGenerated, Text = Log_s),\n  (ContainerLogV2 | where PodName startswith "keycloak-realm" | project TimeGenerated, Text = tostring(LogMessage))\n| order by TimeGenerated desc',
  },
];
