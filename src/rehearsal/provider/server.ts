import { createServer, type Server as NetServer, type Socket } from "node:net";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import type { GivenProvider } from "../given-providers";
import type { Ledger } from "../ledger";
import type { Behaviour } from "./behaviour";
import { diagnosticMessage, diagnosticOf, pathMessage } from "./diagnostic";
import { type Fidelity, fidelityOf } from "./fidelity";
import { schemaMessage } from "./protocol/schema-message";
import { ProviderConnection } from "./provider-connection";
import { providerVersions, SchemaStore } from "./schema/schema-store";
import type { SimulatedProvider } from "./simulated-provider";
import { decodeValue, encodeValue, type ObjectValue, type Value } from "./value";

interface WireValue {
  readonly msgpack: Buffer;
  readonly json: Buffer;
}

/** A request of the protocol: what the calls have in common. */
interface Request {
  readonly type_name: string;
  readonly id: string;
  readonly config: WireValue | null;
  readonly current_state: WireValue | null;
  readonly prior_state: WireValue | null;
  readonly planned_state: WireValue | null;
  readonly proposed_new_state: WireValue | null;
  readonly raw_state: { readonly json: Buffer } | null;
  readonly client_capabilities: { readonly write_only_attributes_allowed: boolean } | null;
  readonly private: Buffer;
  readonly prior_private: Buffer;
  readonly planned_private: Buffer;
  readonly name: string;
  readonly source_type_name: string;
  readonly target_type_name: string;
}

type Handler = (request: Request) => object | Promise<object>;

const CAPABILITIES = { plan_destroy: false, get_provider_schema_optional: true, move_resource_state: false };

/**
 * Serves one provider on a socket. Terraform opens a connection of its own for every provider configuration,
 * and nothing in the protocol's messages says which one is speaking: so every connection gets its own handlers.
 */
export class ProviderServer {
  private readonly schemas: SchemaStore;
  private readonly protocol: 5 | 6;
  private readonly definition: grpc.ServiceDefinition;
  private schemaResponse: object | undefined;

  constructor(
    private readonly folder: string,
    private readonly ledger: Ledger,
    private readonly provider: SimulatedProvider,
    private readonly behaviours: (type: string) => readonly Behaviour[],
    /** Types to offer; all of them when undefined, which Terraform takes a while to read. */
    private types: ReadonlySet<string> | undefined,
    /** Schemas that somebody gave, instead of those that the project holds. */
    given?: Pick<GivenProvider, "lines" | "protocol">,
  ) {
    this.schemas = new SchemaStore(provider.name, given?.lines);
    this.protocol = given?.protocol ?? providerVersions[provider.name]?.protocol ?? 5;
    this.definition = serviceDefinition(this.protocol);
  }

  listen(socketPath: string): Promise<NetServer> {
    return new Promise((resolve, reject) => {
      const server = createServer((socket) => this.accept(socket));
      server.once("error", reject);
      server.listen(socketPath, () => resolve(server));
    });
  }

  /** Offers other types to those who connect from now on. */
  offer(types: ReadonlySet<string> | undefined): void {
    this.types = types;
    this.schemaResponse = undefined;
  }

  fidelityOf(type: string): Fidelity {
    return fidelityOf(type, this.schemas);
  }

  private accept(socket: Socket): void {
    const connection = new ProviderConnection(
      this.folder,
      this.ledger,
      this.provider,
      this.schemas,
      this.behaviours,
    );
    const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
    server.addService(this.definition, implementation(this.definition, this.handlers(connection)));
    server.createConnectionInjector(grpc.ServerCredentials.createInsecure()).injectConnection(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      connection.stop();
      server.forceShutdown();
    });
  }

  private handlers(connection: ProviderConnection): Record<string, Handler> {
    const configure: Handler = async ({ config }) => {
      connection.configure(objectOf(config) ?? {});
      await connection.flush();
      return {};
    };
    const getSchema: Handler = () => this.getSchema();
    const stop: Handler = () => {
      connection.stop();
      return {};
    };
    const nothing: Handler = () => ({});
    const validate: Handler = ({ type_name, config, client_capabilities }) => ({
      diagnostics: connection
        .validate(
          type_name,
          objectOf(config) ?? {},
          client_capabilities?.write_only_attributes_allowed ?? false,
        )
        .map(diagnosticMessage),
    });
    const validateQuestion =
      (kind: "data" | "ephemeral"): Handler =>
      ({ type_name, config }) => ({
        diagnostics: connection
          .validateQuestion(kind, type_name, objectOf(config) ?? {})
          .map(diagnosticMessage),
      });
    const prepare: Handler = ({ config }) => ({
      prepared_config: config,
      diagnostics: connection
        .validateQuestion("provider", this.provider.name, objectOf(config) ?? {})
        .map(diagnosticMessage),
    });
    return {
      GetMetadata: () => this.getMetadata(),
      GetSchema: getSchema,
      GetProviderSchema: getSchema,
      PrepareProviderConfig: prepare,
      ValidateProviderConfig: prepare,
      Configure: configure,
      ConfigureProvider: configure,
      ValidateResourceTypeConfig: validate,
      ValidateResourceConfig: validate,
      ValidateDataSourceConfig: validateQuestion("data"),
      ValidateDataResourceConfig: validateQuestion("data"),
      ValidateEphemeralResourceConfig: validateQuestion("ephemeral"),
      UpgradeResourceState: ({ raw_state }) => ({ upgraded_state: { json: raw_state?.json } }),
      ReadResource: async ({ type_name, current_state, private: private_ }) => {
        const current = objectOf(current_state);
        const seen = current && connection.read(type_name, current);
        await connection.flush();
        return { new_state: seen === current ? current_state : wire(seen), private: private_ };
      },
      PlanResourceChange: async ({ type_name, prior_state, proposed_new_state, config, prior_private }) => {
        const prior = objectOf(prior_state);
        const { planned, requiresReplace } = connection.plan(
          type_name,
          prior,
          objectOf(proposed_new_state),
          objectOf(config) ?? {},
        );
        await connection.flush();
        return {
          planned_state: planned === prior ? prior_state : wire(planned),
          requires_replace: requiresReplace.map(pathMessage),
          planned_private: prior_private,
          legacy_type_system: this.provider.isLegacy,
        };
      },
      ApplyResourceChange: async ({ type_name, prior_state, planned_state, config, planned_private }) => {
        const applied = await connection.apply(
          type_name,
          objectOf(prior_state),
          objectOf(planned_state),
          objectOf(config),
        );
        return {
          new_state: wire(applied.state),
          private: planned_private,
          legacy_type_system: this.provider.isLegacy,
          diagnostics: applied.diagnostics.map(diagnosticMessage),
        };
      },
      ImportResourceState: ({ type_name, id }) => ({
        imported_resources: [{ type_name, state: wire(connection.importState(type_name, id)) }],
      }),
      MoveResourceState: ({ source_type_name, target_type_name }) => {
        throw new Error(`a ${source_type_name} can't be moved to ${target_type_name}`);
      },
      ReadDataSource: ({ type_name, config }) => ({
        state: wire(connection.readData(type_name, objectOf(config) ?? {})),
      }),
      OpenEphemeralResource: async ({ type_name, config }) => {
        const result = connection.openEphemeral(type_name, objectOf(config) ?? {});
        await connection.flush();
        return { result: wire(result) };
      },
      RenewEphemeralResource: nothing,
      CloseEphemeralResource: nothing,
      GetFunctions: nothing,
      CallFunction: ({ name }) => ({ error: { text: `the provider has no function ${name}` } }),
      Stop: stop,
      StopProvider: stop,
    };
  }

  private getSchema(): object {
    this.schemaResponse ??= {
      provider: schemaMessage(
        { version: 0, block: {}, ...this.schemas.find("provider", this.provider.name) },
        this.protocol,
      ),
      resource_schemas: this.offered("resource"),
      data_source_schemas: this.offered("data"),
      ephemeral_resource_schemas: this.offered("ephemeral"),
      server_capabilities: CAPABILITIES,
    };
    return this.schemaResponse;
  }

  private offered(kind: "resource" | "data" | "ephemeral"): Record<string, object> {
    const offered: Record<string, object> = {};
    for (const type of this.offeredTypes(kind)) {
      const schema = this.schemas.find(kind, type);
      if (schema) offered[type] = schemaMessage(schema, this.protocol);
    }
    return offered;
  }

  private offeredTypes(kind: "resource" | "data" | "ephemeral"): string[] {
    const known = new Set(this.ledger.knownTypes());
    return this.schemas
      .types(kind)
      .filter((type) => !this.types || this.types.has(type) || (kind === "resource" && known.has(type)));
  }

  private getMetadata(): object {
    const names = (kind: "resource" | "data" | "ephemeral") =>
      this.offeredTypes(kind).map((type_name) => ({ type_name }));
    return {
      server_capabilities: CAPABILITIES,
      resources: names("resource"),
      data_sources: names("data"),
      ephemeral_resources: names("ephemeral"),
    };
  }
}

function objectOf(value: WireValue | null): ObjectValue | null {
  if (!value) return null;
  return decodeValue(value.msgpack) as ObjectValue | null;
}

function wire(value: Value): { msgpack: Buffer } {
  return { msgpack: encodeValue(value) };
}

function serviceDefinition(protocol: 5 | 6): grpc.ServiceDefinition {
  const name = `tfplugin${protocol}`;
  const definitions = loadSync(join(__dirname, "protocol", `${name}.proto`), {
    keepCase: true,
    longs: Number,
    enums: Number,
    defaults: true,
    oneofs: false,
  });
  return definitions[`${name}.Provider`] as grpc.ServiceDefinition;
}

/** Whatever goes wrong becomes a diagnostic: an error of the transport would hide who failed at what. */
function implementation(
  definition: grpc.ServiceDefinition,
  handlers: Readonly<Record<string, Handler>>,
): grpc.UntypedServiceImplementation {
  return Object.fromEntries(
    Object.keys(definition).map((method) => {
      const handler = handlers[method];
      if (!handler) throw new Error(`the provider server has no handler for ${method}`);
      const call: grpc.handleUnaryCall<Request, object> = async ({ request }, respond) => {
        try {
          respond(null, await handler(request));
        } catch (error) {
          respond(null, { diagnostics: [diagnosticMessage(diagnosticOf(error))] });
        }
      };
      return [method, call];
    }),
  );
}
