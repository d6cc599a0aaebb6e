import { RUNBOOK_FILE } from "../signals/signal";

/** A chart of a workbook: what it asks the workspace for, of the agent that is chosen above. */
interface Chart {
  readonly title: string;
  readonly kql: string;
}

/** Lines of the chosen agent, by the tables that they are in. */
const METRICS = 'AppMetrics\n| where AppRoleName endswith ".{Agent}"';

function counted(title: string, metric: string, by: string): Chart {
  return {
    title,
    kql: `${METRICS} and Name == "${metric}"\n| summarize Times = sum(Sum) by bin(TimeGenerated, 5m), What = tostring(Properties["${by}"])\n| render timechart`,
  };
}

function level(title: string, metric: string, replicas: "max" | "sum"): Chart {
  return {
    title,
    kql: `${METRICS} and Name == "${metric}"\n| summarize Level = max(Sum / ItemCount) by AppRoleInstance, Minute = bin(TimeGenerated, 1m)\n| summarize Level = ${replicas}(Level) by Minute\n| render timechart`,
  };
}

/** What a workbook shows of one agent. */
export const charts: readonly Chart[] = [
  counted("Tasks, by the state they ended in", "a2a_tasks_total", "state"),
  level("Tasks past their deadline", "a2a_overdue_tasks", "max"),
  level("Tasks being worked on", "a2a_active_tasks", "sum"),
  {
    title: "Seconds that tasks take: half of them, 95 and 99 of 100",
    kql: 'ContainerAppConsoleLogs_CL\n| where ContainerAppName_s == "{Agent}"\n| extend Line = parse_json(Log_s)\n| where tostring(Line.measured) == "a2a_task_duration_seconds"\n| summarize percentiles(todouble(Line.seconds), 50, 95, 99) by bin(TimeGenerated, 5m)\n| render timechart',
  },
  level("Open event streams", "a2a_open_streams", "sum"),
  counted("Event streams that ended, by how", "a2a_streams_total", "end"),
  counted("Requests, by the answer's code", "a2a_requests_total", "code"),
  counted("Calls that were not let in, by reason", "a2a_auth_rejections_total", "reason"),
  counted("Requests for the card, by the answer's code", "a2a_card_requests_total", "code"),
  level("Seconds until a replica was ready", "a2a_startup_seconds", "max"),
  {
    title: "Answers of the model: how many, how long, how many failed",
    kql: `${METRICS} and Name == "a2a_model_request_duration_seconds"\n| summarize Calls = sum(ItemCount), Seconds = sum(Sum) / sum(ItemCount), Failed = sumif(ItemCount, tostring(Properties["outcome"]) == "error") by bin(TimeGenerated, 5m)\n| render timechart`,
  },
];

/** Which agents there are: whoever sent something in the last day. */
export const AGENTS =
  'AppMetrics\n| where TimeGenerated > ago(1d) and Name startswith "a2a_"\n| distinct Agent = extract(@"[^.]+$", 0, AppRoleName)\n| order by Agent asc';

/**
 * The workbook of a fleet: a page of charts for the agent that is chosen. It lists agents by what they send, so that a new
 * one changes nothing of it.
 *
 * @see https://github.com/microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json
 */
export function fleetWorkbook(workspaceId: string, runbookUrl: string = RUNBOOK_FILE) {
  const query = {
    crossComponentResources: [workspaceId],
    queryType: 0,
    resourceType: "microsoft.operationalinsights/workspaces",
  };
  return {
    version: "Notebook/1.0",
    items: [
      { type: 1, name: "head", content: { json: `What alerts mean and what to do: ${runbookUrl}` } },
      {
        type: 9,
        name: "choice",
        content: {
          version: "KqlParameterItem/1.0",
          ...query,
          parameters: [
            {
              id: "9c1d5d0e-6a7e-4c0f-8b35-0d1f3c0a7f01",
              version: "KqlParameterItem/1.0",
              name: "Agent",
              type: 2,
              isRequired: true,
              query: AGENTS,
              value: "value::1",
              ...query,
            },
            {
              id: "9c1d5d0e-6a7e-4c0f-8b35-0d1f3c0a7f02",
              version: "KqlParameterItem/1.0",
              name: "Range",
              type: 4,
              isRequired: true,
              value: { durationMs: 21_600_000 },
              typeSettings: {
                selectableValues: [3_600_000, 21_600_000, 86_400_000, 604_800_000].map((durationMs) => ({
                  durationMs,
                })),
              },
            },
          ],
        },
      },
      ...charts.map(({ title, kql }, index) => ({
        type: 3,
        name: `chart-${index + 1}`,
        customWidth: "50",
        content: {
          version: "KqlItem/1.0",
          title,
          query: kql,
          size: 1,
          timeContextFromParameter: "Range",
          ...query,
        },
      })),
    ],
    $schema: "https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json",
  };
}
