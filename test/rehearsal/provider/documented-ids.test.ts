import { describe, expect, it } from "vitest";
import { Workbench } from "./support/workbench";

const bench = Workbench.forFile();

const GROUP = "/subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/rg-models";

describe("types that no environment uses", () => {
  it("have ids of the documented form, which other types take", async () => {
    await bench.write(`
      resource "azurerm_resource_group" "group" {
        name     = "rg-models"
        location = "westeurope"
      }
      resource "azurerm_cognitive_account" "models" {
        name                = "models"
        location            = azurerm_resource_group.group.location
        resource_group_name = azurerm_resource_group.group.name
        kind                = "OpenAI"
        sku_name            = "S0"
      }
      resource "azurerm_cognitive_deployment" "model" {
        name                 = "gpt"
        cognitive_account_id = azurerm_cognitive_account.models.id
        model {
          format = "OpenAI"
          name   = "gpt-4o"
        }
        sku {
          name = "Standard"
        }
      }
      resource "azurerm_eventhub_namespace" "events" {
        name                = "events"
        location            = azurerm_resource_group.group.location
        resource_group_name = azurerm_resource_group.group.name
        sku                 = "Standard"
      }
      resource "azurerm_eventhub" "tasks" {
        name            = "tasks"
        namespace_id    = azurerm_eventhub_namespace.events.id
        partition_count = 1
        message_retention = 1
      }
      resource "azurerm_lb" "balancer" {
        name                = "balancer"
        location            = azurerm_resource_group.group.location
        resource_group_name = azurerm_resource_group.group.name
      }
      resource "azurerm_lb_backend_address_pool" "pool" {
        name            = "pool"
        loadbalancer_id = azurerm_lb.balancer.id
      }
      resource "google_container_cluster" "cluster" {
        name                = "cluster"
        location            = "europe-west1"
        initial_node_count  = 1
        deletion_protection = false
      }
      resource "google_container_node_pool" "pool" {
        name       = "pool"
        cluster    = google_container_cluster.cluster.id
        node_count = 1
      }
      resource "google_pubsub_topic" "tasks" {
        name = "tasks"
      }
      resource "google_pubsub_topic_iam_member" "writer" {
        topic  = google_pubsub_topic.tasks.name
        role   = "roles/pubsub.publisher"
        member = "serviceAccount:agent@fleet-project.iam.gserviceaccount.com"
      }
    `);
    bench.apply();
    expect(bench.plan()).toEqual({});
    const ids = Object.fromEntries(
      Object.entries(bench.state()).map(([address, { id }]) => [address.split(".")[0], id]),
    );
    expect(ids).toEqual({
      azurerm_resource_group: GROUP,
      azurerm_cognitive_account: `${GROUP}/providers/Microsoft.CognitiveServices/accounts/models`,
      azurerm_cognitive_deployment: `${GROUP}/providers/Microsoft.CognitiveServices/accounts/models/deployments/gpt`,
      azurerm_eventhub_namespace: `${GROUP}/providers/Microsoft.EventHub/namespaces/events`,
      azurerm_eventhub: `${GROUP}/providers/Microsoft.EventHub/namespaces/events/eventhubs/tasks`,
      azurerm_lb: `${GROUP}/providers/Microsoft.Network/loadBalancers/balancer`,
      azurerm_lb_backend_address_pool: `${GROUP}/providers/Microsoft.Network/loadBalancers/balancer/backendAddressPools/pool`,
      google_container_cluster: "projects/fleet-project/locations/europe-west1/clusters/cluster",
      google_container_node_pool:
        "projects/fleet-project/locations/europe-west1/clusters/cluster/nodePools/pool",
      google_pubsub_topic: "projects/fleet-project/topics/tasks",
      google_pubsub_topic_iam_member:
        "projects/fleet-project/topics/tasks/roles/pubsub.publisher/serviceAccount:agent@fleet-project.iam.gserviceaccount.com",
    });
    bench.destroy();
  });

  it("tell things apart that stand beside each other", async () => {
    const people = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];
    const administrator = (objectId: string, index: number) => `
      resource "azurerm_postgresql_flexible_server_active_directory_administrator" "admin${index}" {
        server_name         = "tasks"
        resource_group_name = "rg-models"
        tenant_id           = "33333333-3333-4333-8333-333333333333"
        object_id           = "${objectId}"
        principal_name      = "agent-${index}"
        principal_type      = "ServicePrincipal"
      }
    `;
    const deployment = (location: string) => `
      resource "azurerm_network_manager_deployment" "${location}" {
        network_manager_id = "${GROUP}/providers/Microsoft.Network/networkManagers/hub"
        location           = "${location}"
        scope_access       = "Connectivity"
        configuration_ids  = ["${GROUP}/providers/Microsoft.Network/networkManagers/hub/connectivityConfigurations/all"]
      }
    `;
    await bench.write([...people.map(administrator), ...["westeurope", "eastus"].map(deployment)].join(""));
    bench.apply();
    const ids = Object.values(bench.state()).map(({ id }) => String(id).slice(GROUP.length));
    const server = "/providers/Microsoft.DBforPostgreSQL/flexibleServers/tasks/administrators";
    const hub = "/providers/Microsoft.Network/networkManagers/hub/commit";
    expect(ids.sort()).toEqual([
      ...people.map((person) => `${server}/${person}`),
      `${hub}|eastus|Connectivity`,
      `${hub}|westeurope|Connectivity`,
    ]);
    bench.destroy();
  });
});
