/** Physical names of what an environment owns. Global ones lead with the organisation's prefix. */
export function physicalNames(environment: { readonly prefix: string; readonly name: string }) {
  const stem = `${environment.prefix}-${environment.name}`;
  return {
    resourceGroup: `rg-${stem}`,
    /** Container Apps creates what it needs itself in a group of its own; unnamed, it replaces the environment. */
    containerAppsInfrastructureGroup: `rg-${stem}-apps-infrastructure`,
    containerAppsEnvironment: `cae-${stem}`,
    keyVault: `kv-${stem}`,
    managedRedis: `redis-${stem}`,
    logWorkspace: `log-${stem}`,
    applicationInsights: `appi-${stem}`,
    network: `vnet-${stem}`,
    gateway: `apim-${stem}`,
    cluster: `aks-${stem}`,
    /** Azure Monitor workspace of managed Prometheus. */
    metricsWorkspace: `amw-${stem}`,
    actionGroup: `ag-${stem}`,
    queryPack: `qp-${stem}`,
    budget: `budget-${stem}`,
    postgres: `psql-${stem}`,
    taskDatabase: `psql-${stem}-tasks`,
    /** Leads the secrets that the fleet writes into a vault which others use as well. */
    writtenSecret: (secret: string) => `${stem}-${secret}`,
    /** Identity of one agent. */
    agentIdentity: (agent: string) => `id-${stem}-${agent}`,
  };
}
