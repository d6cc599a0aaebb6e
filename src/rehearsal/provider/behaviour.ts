import type { Cloud } from "./cloud";
import type { Subject } from "./simulated-provider";
import type { ObjectValue, Value } from "./value";

/** A resource in the middle of a change, as a behaviour sees it. */
export interface Change {
  readonly cloud: Cloud;
  readonly type: string;
  /** Its name, or what comes closest. */
  readonly name: string;
  /** What it is filed under in the ledger: its id, or what of it identifies the thing for good. */
  readonly id: string;
  /** Planned attributes; computed ones that aren't known yet are unknown. In deletions, what is in the ledger. */
  readonly attributes: ObjectValue;
  /** Write-only arguments. */
  readonly writeOnly: ObjectValue;
  /** As it is in the cloud; null when it is being created. */
  readonly prior: ObjectValue | null;
}

/** A value to fill in, or a function of the block (or resource) that it belongs to. */
export type Fill = Value | ((parent: ObjectValue) => Value);

/** A data source or ephemeral resource being read. */
export interface Reading {
  readonly cloud: Cloud;
  readonly type: string;
  readonly config: ObjectValue;
}

/**
 * What a cloud does with some types beyond what their schema and rules say. Every hook is optional; a type may
 * have several behaviours, which are asked in the order of the list. A hook refuses by throwing a `CloudError`.
 */
export interface Behaviour {
  /** Types it applies to; a star at the end stands for anything: `azurerm_*`. */
  readonly types: readonly string[];
  /** The id, where the provider doesn't know how the type makes it. */
  readonly id?: (subject: Subject, cloud: Cloud) => string;
  /** What identifies the thing for good, where its id doesn't. */
  readonly identity?: (state: ObjectValue) => string | undefined;
  /** Whether creating what is there already succeeds, and takes it over. @default false */
  readonly takesOver?: boolean;
  /** Computed attributes, by dotted path without indexes, that become unknown when the resource is changed. */
  readonly unknownOnUpdate?: (prior: ObjectValue, planned: ObjectValue) => readonly string[];
  /** Values of optional computed arguments that the provider knows at plan time already. */
  readonly planDefaults?: Readonly<Record<string, Value>>;
  /** Before it is created. */
  readonly beforeCreate?: (change: Change) => void;
  /** Before it is changed in place. */
  readonly beforeUpdate?: (change: Change) => void;
  /** Before it is deleted. */
  readonly beforeDelete?: (change: Change) => void;
  /** Values of computed attributes, by dotted path without indexes, filled in when they are unknown. */
  readonly computed?: (change: Change) => Readonly<Record<string, Fill | undefined>>;
  /** What the cloud sets although nobody asked: it shows up as soon as Terraform reads the resource again. */
  readonly filledByCloud?: (change: Change) => Readonly<Record<string, Value>> | undefined;
  /** After it was created or changed: side effects on other things. */
  readonly afterApply?: (change: Change) => void;
  /** After it was deleted. */
  readonly afterDelete?: (change: Change) => void;
  /** Keeps the deleted thing recoverable instead of forgetting it. */
  readonly softDelete?: (change: Change) => boolean;
  /** What the data source of that type says; undefined where this behaviour has nothing to say. */
  readonly readData?: (reading: Reading) => Readonly<Record<string, Value>> | undefined;
  /** What the ephemeral resource of that type gives. */
  readonly openEphemeral?: (reading: Reading) => Readonly<Record<string, Value>> | undefined;
}
