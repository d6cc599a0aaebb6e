import "@kusto/language-service-next/bridge.min.js";
import "@kusto/language-service-next/Kusto.Language.Bridge.min.js";

/**
 * Columns of the tables that queries read, as Azure documents them.
 *
 * @see https://learn.microsoft.com/azure/azure-monitor/reference/tables-index
 */
const TABLES: Readonly<Record<string, string>> = {
  AppMetrics:
    "TimeGenerated: datetime, Name: string, Sum: real, Min: real, Max: real, ItemCount: int, Properties: dynamic, AppRoleName: string, AppRoleInstance: string",
  AppDependencies:
    "TimeGenerated: datetime, AppRoleName: string, Target: string, Success: bool, DurationMs: real, ItemCount: int, OperationId: string",
  ContainerAppConsoleLogs_CL:
    "TimeGenerated: datetime, ContainerAppName_s: string, RevisionName_s: string, Log_s: string",
  ContainerLogV2:
    "TimeGenerated: datetime, PodName: string, PodNamespace: string, ContainerName: string, LogMessage: dynamic",
  ApiManagementGatewayLogs:
    "TimeGenerated: datetime, ApiId: string, ResponseCode: int, BackendResponseCode: int, LastErrorReason: string",
  AzureDiagnostics:
    "TimeGenerated: datetime, ResourceProvider: string, OperationName: string, CallerIPAddress: string, httpStatusCode_d: real",
};

interface KustoLibrary {
  readonly Language: {
    readonly KustoCode: {
      ParseAndAnalyze(text: string, globals: unknown): { GetDiagnostics(): KustoList };
    };
    readonly GlobalState: { readonly Default: { WithDatabase(database: unknown): unknown } };
    readonly Symbols: {
      readonly TableSymbol: { From(columns: string): { WithName(name: string): unknown } };
      readonly DatabaseSymbol: { ctor: new (name: string, tables: unknown[]) => unknown };
    };
  };
}
interface KustoList {
  readonly Count: number;
  getItem(index: number): { readonly Message: string };
}

// The package puts itself there.
const { Language } = (globalThis as unknown as { Kusto: KustoLibrary }).Kusto;

/** What the language's own parser and type checker says against a query, over the tables of a workspace. */
export function findQueryProblems(kql: string): string[] {
  const { TableSymbol, DatabaseSymbol } = Language.Symbols;
  const tables = Object.entries(TABLES).map(([name, columns]) =>
    TableSymbol.From(`(${columns})`).WithName(name),
  );
  const globals = Language.GlobalState.Default.WithDatabase(new DatabaseSymbol.ctor("workspace", tables));
  const found = Language.KustoCode.ParseAndAnalyze(kql, globals).GetDiagnostics();
  return Array.from({ length: found.Count }, (_, index) => found.getItem(index).Message);
}
