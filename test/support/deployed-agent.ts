import type { FinishedStack } from "./synth";

/** An agent as its container sees itself, read from the finished stack. */
export interface DeployedAgent {
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** The agents of a stack on Container Apps: the apps that are told what they are. */
export function deployedAgents(stack: FinishedStack): DeployedAgent[] {
  return stack.resources("azurerm_container_app").flatMap(({ arguments: app }) => {
    const containers = [app.template.container].flat();
    const env = (containers[0]?.env ?? []) as { name: string; value?: string }[];
    const variables = Object.fromEntries(
      // Terraform reads `$${` as `${`.
      env.flatMap(({ name, value }) =>
        value === undefined ? [] : [[name, value.replace(/([$%])\1\{/g, "$1{")]],
      ),
    );
    return variables.AGENT_NAME === undefined ? [] : [{ name: app.name as string, variables }];
  });
}
