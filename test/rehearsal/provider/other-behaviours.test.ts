import { describe, expect, it } from "vitest";
import { Workbench } from "./support/workbench";

const bench = Workbench.forFile();

describe("Kubernetes", () => {
  const namespace = (labels: string) => `
    resource "kubernetes_namespace_v1" "agents" {
      metadata {
        name   = "agents"
        labels = { ${labels} }
      }
    }
  `;
  const RESTRICTED = '"pod-security.kubernetes.io/enforce" = "restricted"';
  const SECURE_POD = `
    security_context {
      run_as_non_root = true
      seccomp_profile {
        type = "RuntimeDefault"
      }
    }
  `;
  const SECURE_CONTAINER = `
    security_context {
      allow_privilege_escalation = false
      capabilities {
        drop = ["ALL"]
      }
    }
  `;
  const deployment = (pod: string, container: string, extra = "") => `
    resource "kubernetes_deployment_v1" "inventory" {
      ${extra}
      metadata {
        name      = "inventory"
        namespace = "agents"
      }
      spec {
        replicas = 2
        selector {
          match_labels = { app = "inventory" }
        }
        template {
          metadata {
            labels = { app = "inventory" }
          }
          spec {
            ${pod}
            container {
              name  = "inventory"
              image = "acrfleet.azurecr.io/inventory:1"
              ${container}
            }
          }
        }
      }
      depends_on = [kubernetes_namespace_v1.agents]
    }
  `;

  it("starts pods that keep to restricted pod security", async () => {
    await bench.write(namespace(RESTRICTED) + deployment(SECURE_POD, SECURE_CONTAINER));
    bench.apply();
    expect(bench.plan()).toEqual({});
  });

  it.each([
    ["no security context", "", "", "runAsNonRoot=true"],
    [
      "no capabilities dropped",
      SECURE_POD,
      SECURE_CONTAINER.replace("ALL", "KILL"),
      'capabilities.drop=["ALL"]',
    ],
    [
      "no seccomp profile",
      SECURE_POD.replace("RuntimeDefault", "Unconfined"),
      SECURE_CONTAINER,
      "seccompProfile",
    ],
    [
      "privilege escalation",
      SECURE_POD,
      SECURE_CONTAINER.replace("false", "true"),
      "allowPrivilegeEscalation=false",
    ],
  ])("gets nowhere with pods with %s, and taints the Deployment", async (_, pod, container, reason) => {
    await bench.write(namespace(RESTRICTED) + deployment(pod, container));
    const refusal = bench.applyRefused();
    expect(refusal).toContain("Waiting for rollout to finish: 0 out of 2 new replicas have been updated");
    expect(refusal).toContain(reason);
    expect(bench.plan()).toEqual({ "kubernetes_deployment_v1.inventory": "replace" });
  });

  it("starts any pod where nothing is enforced, and none whose image is missing", async () => {
    await bench.write(namespace("") + deployment("", ""));
    bench.apply();
    bench.destroy();
    bench.scenario({ missingImages: ["acrfleet.azurecr.io/inventory:1"] });
    expect(bench.applyRefused()).toContain("ImagePullBackOff");
  });

  it("doesn't wait where it is told not to", async () => {
    await bench.write(namespace(RESTRICTED) + deployment("", "", "wait_for_rollout = false"));
    bench.apply();
    expect(bench.plan()).toEqual({});
  });

  it("has no objects and releases without their namespace", async () => {
    const objects = (dependency: string) => `
      resource "kubernetes_config_map_v1" "cards" {
        metadata {
          name      = "cards"
          namespace = "agents"
        }
        ${dependency}
      }
      resource "helm_release" "resources" {
        name      = "resources"
        chart     = "./chart"
        namespace = "agents"
        ${dependency}
      }
    `;
    await bench.write(objects(""));
    const refusal = bench.applyRefused();
    expect(refusal).toContain('configmaps is forbidden: namespaces "agents" not found');
    expect(refusal).toContain('create: failed to create: namespaces "agents" not found');
    bench.scenario({
      existing: [{ type: "kubernetes_namespace_v1", attributes: { metadata: [{ name: "agents" }] } }],
    });
    await bench.write(objects(""));
    bench.apply();
    bench.destroy();
    bench.reset();
    await bench.write(namespace("") + objects("depends_on = [kubernetes_namespace_v1.agents]"));
    bench.apply();
    expect(bench.plan()).toEqual({});
    bench.destroy();
    expect(bench.ledger().entries).toEqual({});
  });

  it("lets a release make its namespace, and keeps that when the release goes", async () => {
    await bench.write(`
      resource "helm_release" "keda" {
        name             = "keda"
        chart            = "keda"
        repository       = "https://kedacore.github.io/charts"
        namespace        = "keda"
        create_namespace = true
      }
    `);
    bench.apply();
    expect(bench.plan()).toEqual({});
    bench.destroy();
    expect(Object.values(bench.ledger().entries).map(({ type, id }) => [type, id])).toEqual([
      ["kubernetes_namespace_v1", "keda"],
    ]);
  });

  it("has no autoscaler whose behaviour names no policy", async () => {
    const autoscaler = (policy: string) => `
      resource "kubernetes_horizontal_pod_autoscaler_v2" "inventory" {
        metadata {
          name = "inventory"
        }
        spec {
          max_replicas = 20
          scale_target_ref {
            api_version = "apps/v1"
            kind        = "Deployment"
            name        = "inventory"
          }
          behavior {
            scale_up {
              stabilization_window_seconds = 30
              ${policy}
              policy {
                type           = "Pods"
                value          = 4
                period_seconds = 60
              }
            }
          }
        }
      }
    `;
    await bench.write(autoscaler(""));
    expect(bench.applyRefused()).toContain('spec.behavior.scaleUp.selectPolicy: Unsupported value: ""');
    await bench.write(autoscaler('select_policy = "Max"'));
    bench.apply();
    expect(bench.plan()).toEqual({});
  });

  it("fills up the limits of containers, which is a change in every plan where only some were said", async () => {
    const limit = (name: string, amounts: string, type = "Container") => `
      resource "kubernetes_limit_range_v1" "${name}" {
        metadata {
          name = "${name}"
        }
        spec {
          limit {
            type = "${type}"
            ${amounts}
          }
        }
      }
    `;
    const ranges = [
      limit("whole", 'default = { cpu = "1" }\ndefault_request = { cpu = "500m" }'),
      limit("alone", 'default = { cpu = "1" }'),
      limit("least", 'min = { cpu = "1" }'),
      limit("pods", 'max = { cpu = "1" }', "Pod"),
      limit("part", 'default = { cpu = "1", memory = "1Gi" }\ndefault_request = { cpu = "500m" }'),
      limit("most", 'max = { cpu = "1" }'),
    ];
    await bench.write(ranges.join(""));
    bench.apply();
    expect(bench.plan()).toEqual({
      "kubernetes_limit_range_v1.part": "update",
      "kubernetes_limit_range_v1.most": "update",
    });
  });

  it("is one cluster per address", async () => {
    await bench.write(
      `${namespace("")}\n${namespace("").replace('"agents" {', '"other" {\n provider = kubernetes.other')}`,
      `provider "kubernetes" {\n host = "https://one.example"\n}\nprovider "kubernetes" {\n alias = "other"\n host = "https://two.example"\n}\n`,
    );
    bench.apply();
    expect(Object.values(bench.ledger().entries).map(({ scope }) => scope)).toEqual([
      "https://one.example",
      "https://two.example",
    ]);
  });
});

describe("what is there already", () => {
  const twice = (type: string, setting: string) => `
    resource "${type}" "one" {
      ${setting}
    }
    resource "${type}" "other" {
      ${setting}
      depends_on = [${type}.one]
    }
  `;

  it("is an error on Google, but for an API that is enabled once more", async () => {
    await bench.write(twice("google_service_account", 'account_id = "agents"'));
    expect(bench.applyRefused()).toContain("409");
    bench.reset();
    await bench.write(twice("google_project_service", 'service = "run.googleapis.com"'));
    bench.apply();
    expect(bench.plan()).toEqual({});
    bench.destroy();
    expect(bench.ledger().entries).toEqual({});
  });
});

describe("Cloud Run", () => {
  interface Parts {
    readonly version?: boolean;
    readonly grant?: boolean;
    readonly isProtected?: boolean;
  }
  const service = ({ version = true, grant = true, isProtected = false }: Parts) => `
    resource "google_service_account" "agent" {
      account_id = "agent-research"
    }
    resource "google_secret_manager_secret" "key" {
      secret_id = "model-key"
      replication {
        auto {}
      }
    }
    ${
      version
        ? `resource "google_secret_manager_secret_version" "key" {
             secret                 = google_secret_manager_secret.key.id
             secret_data_wo         = "placeholder"
             secret_data_wo_version = 1
           }`
        : ""
    }
    ${
      grant
        ? `resource "google_secret_manager_secret_iam_member" "agent" {
             secret_id = google_secret_manager_secret.key.id
             role      = "roles/secretmanager.secretAccessor"
             member    = google_service_account.agent.member
           }`
        : ""
    }
    resource "google_cloud_run_v2_service" "research" {
      name                = "research"
      location            = "europe-west1"
      labels              = { team = "fleet" }
      ${isProtected ? "" : "deletion_protection = false"}
      template {
        service_account = google_service_account.agent.email
        containers {
          image = "europe-docker.pkg.dev/fleet/research:1"
          env {
            name = "MODEL_KEY"
            value_source {
              secret_key_ref {
                secret  = google_secret_manager_secret.key.secret_id
                version = "latest"
              }
            }
          }
        }
      }
      depends_on = [${[...(version ? ["google_secret_manager_secret_version.key"] : []), ...(grant ? ["google_secret_manager_secret_iam_member.agent"] : [])].join(", ")}]
    }
    data "google_project" "this" {}
    output "urls" {
      value = [google_cloud_run_v2_service.research.urls[0], "https://research-\${data.google_project.this.number}.europe-west1.run.app"]
    }
  `;

  it("serves at the address that its name, project and region make", async () => {
    await bench.write(service({}));
    bench.apply();
    const [url, predicted] = bench.outputs().urls as string[];
    expect(url).toBe(predicted);
    expect(bench.state()["google_cloud_run_v2_service.research"]?.effective_labels).toEqual({
      "goog-terraform-provisioned": "true",
      team: "fleet",
    });
    expect(bench.plan()).toEqual({});
    await bench.write(service({}).replace('"fleet" }', '"other" }'));
    expect(bench.plan()).toEqual({ "google_cloud_run_v2_service.research": "update" });
    bench.apply();
    expect(bench.state()["google_cloud_run_v2_service.research"]?.effective_labels).toMatchObject({
      team: "other",
    });
    expect(bench.plan()).toEqual({});
    bench.destroy();
    expect(bench.ledger().entries).toEqual({});
  });

  it.each<[string, Parts, string]>([
    ["no version of its secret", { version: false }, "secrets/model-key/versions/latest was not found"],
    ["no access to its secret", { grant: false }, "Permission denied on secret"],
  ])("has a first revision that fails with %s, and is tainted", async (_, parts, message) => {
    await bench.write(service(parts));
    expect(bench.applyRefused()).toContain(message);
    await bench.write(service({}));
    bench.apply();
    expect(bench.plan()).toEqual({});
  });

  it("isn't deleted while it is protected", async () => {
    await bench.write(service({ isProtected: true }));
    bench.apply();
    expect(bench.destroyRefused()).toContain("without setting deletion_protection=false");
    await bench.write(service({}));
    bench.apply();
    bench.destroy();
  });

  it("is deleted where the rehearsal unprotects it", async () => {
    await bench.write(service({ isProtected: true }));
    bench.apply();
    bench.scenario({ unprotected: true });
    bench.destroy();
    expect(bench.ledger().entries).toEqual({});
  });
});

describe("a cluster on Azure", () => {
  it("is what the kubernetes provider of another stack is configured with", async () => {
    await bench.write(`
      resource "azurerm_kubernetes_cluster" "cluster" {
        name                   = "aks-fleet"
        resource_group_name    = "rg"
        location               = "westeurope"
        dns_prefix             = "fleet"
        oidc_issuer_enabled    = true
        local_account_disabled = true
        identity {
          type = "SystemAssigned"
        }
        default_node_pool {
          name    = "system"
          vm_size = "Standard_D2s_v5"
        }
      }
      data "azurerm_kubernetes_cluster" "cluster" {
        name                = "aks-fleet"
        resource_group_name = "rg"
        depends_on          = [azurerm_kubernetes_cluster.cluster]
      }
      output "cluster" {
        value = [
          azurerm_kubernetes_cluster.cluster.identity[0].principal_id,
          azurerm_kubernetes_cluster.cluster.oidc_issuer_url,
          nonsensitive(data.azurerm_kubernetes_cluster.cluster.kube_config[0].host),
          nonsensitive(length(azurerm_kubernetes_cluster.cluster.kube_admin_config)),
        ]
      }
    `);
    bench.apply();
    expect(bench.outputs().cluster).toEqual([
      expect.stringMatching(/^[0-9a-f-]{36}$/),
      expect.stringContaining("https://westeurope.oic.prod-aks.azure.com/"),
      expect.stringMatching(/^https:\/\/fleet-[0-9a-f]{8}\.hcp\.westeurope\.azmk8s\.io:443$/),
      0,
    ]);
    expect(bench.plan()).toEqual({});
  });
});

describe("the directory", () => {
  it("gives applications and principals ids of their own", async () => {
    await bench.write(`
      resource "random_uuid" "role" {}
      resource "azuread_application" "api" {
        display_name = "fleet-inventory"
        app_role {
          allowed_member_types = ["Application"]
          description          = "May call the agent"
          display_name         = "Caller"
          id                   = random_uuid.role.result
          value                = "Agent.Call"
        }
      }
      resource "azuread_application" "caller" {
        display_name = "fleet-caller"
      }
      resource "azuread_service_principal" "api" {
        client_id = azuread_application.api.client_id
      }
      resource "azuread_service_principal" "caller" {
        client_id = azuread_application.caller.client_id
      }
      resource "azuread_app_role_assignment" "caller" {
        app_role_id         = random_uuid.role.result
        principal_object_id = azuread_service_principal.caller.object_id
        resource_object_id  = azuread_service_principal.api.object_id
      }
    `);
    bench.apply();
    expect(bench.plan()).toEqual({});
    const state = bench.state();
    const api = state["azuread_service_principal.api"];
    expect(api?.id).toBe(`/servicePrincipals/${api?.object_id}`);
    expect(state["azuread_app_role_assignment.caller"]?.id).toContain(
      `/servicePrincipals/${api?.object_id}/appRoleAssignedTo/`,
    );
    expect(state["azuread_application.api"]?.client_id).not.toBe(
      state["azuread_application.caller"]?.client_id,
    );
  });
});
