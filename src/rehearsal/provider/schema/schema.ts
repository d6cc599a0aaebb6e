import type { SamenessName } from "../planning/sameness";
import type { StoredFormName } from "../planning/stored-forms";

/** A type constraint as Terraform writes it in JSON: `"string"`, `["list", "string"]`, `["object", {…}]`. */
export type TypeConstraint =
  | string
  | readonly [string, TypeConstraint | Readonly<Record<string, TypeConstraint>>];

export interface AttributeSchema {
  readonly type?: TypeConstraint;
  readonly nested_type?: NestedAttributes;
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
  readonly sensitive?: boolean;
  readonly write_only?: boolean;
  readonly deprecated?: boolean;
}

export interface NestedAttributes {
  readonly attributes: Readonly<Record<string, AttributeSchema>>;
  readonly nesting_mode: NestingMode;
}

export type NestingMode = "single" | "group" | "list" | "set" | "map";

export interface NestedBlock {
  readonly block: BlockSchema;
  readonly nesting_mode: NestingMode;
  readonly min_items?: number;
  readonly max_items?: number;
}

export interface BlockSchema {
  readonly attributes?: Readonly<Record<string, AttributeSchema>>;
  readonly block_types?: Readonly<Record<string, NestedBlock>>;
  readonly deprecated?: boolean;
}

/** What the schema leaves out and the provider enforces all the same. Paths are dotted, without indexes. */
export interface TypeRules {
  readonly forceNew?: readonly string[];
  readonly defaults?: Readonly<Record<string, unknown>>;
  readonly allowed?: Readonly<Record<string, readonly (string | number)[]>>;
  readonly ignoreCase?: readonly string[];
  readonly range?: Readonly<Record<string, readonly [number | null, number | null]>>;
  readonly text?: Readonly<Record<string, TextRule>>;
  readonly conflictsWith?: Readonly<Record<string, readonly string[]>>;
  readonly requiredWith?: Readonly<Record<string, readonly string[]>>;
  readonly exactlyOneOf?: readonly (readonly string[])[];
  readonly atLeastOneOf?: readonly (readonly string[])[];
  readonly format?: Readonly<Record<string, TextFormat>>;
  /** Texts that may be anything but empty. */
  readonly notEmpty?: readonly string[];
  /** Those of them for which blanks alone count as nothing. */
  readonly notBlank?: readonly string[];
  /** Ids that have to start with a slash: all others the provider takes without it too. */
  readonly rootedIds?: readonly string[];
  /** Intervals of a number where there is more than one. */
  readonly numbers?: Readonly<Record<string, readonly (readonly [number | null, number | null])[]>>;
  readonly multipleOf?: Readonly<Record<string, number>>;
  /** Fewest and most items of a list or set of simple values. */
  readonly items?: Readonly<Record<string, readonly [number | null, number | null]>>;
  /** Blocks that may be left out and that the cloud fills in then: what stands there stays. */
  readonly computedBlocks?: readonly string[];
  /** Arguments of which the provider takes different values for the same, by in what way. */
  readonly same?: Readonly<Partial<Record<SamenessName, readonly string[]>>>;
  /** Arguments that the provider plans and keeps in a form of its own, by which. */
  readonly stored?: Readonly<Partial<Record<StoredFormName, readonly string[]>>>;
  /** Numbers that may have a fraction: all others are whole. */
  readonly floats?: readonly string[];
  /** Of attributes that hold objects, which is what some blocks are in the schema: what these must have. */
  readonly requiredFields?: readonly string[];
  /** What the cloud fills in of these where it isn't said. */
  readonly computedFields?: readonly string[];
  /** What can't be said of these at all. */
  readonly readOnlyFields?: readonly string[];
  /** The provider decides more in code while it plans: a change from one value to another, a combination. */
  readonly planTimeRules?: boolean;
}

export interface TextRule {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly characters?: string;
  readonly first?: string;
  readonly last?: string;
  readonly doubleHyphen?: boolean;
}

/** What form a text must have, with values that the provider was seen to accept and to refuse. */
export interface TextFormat {
  readonly kind: TextFormatKind;
  /** An id with `{placeholders}`, or an expression in Go's syntax. */
  readonly pattern?: string;
  /** Other patterns of ids. */
  readonly alternatives?: readonly string[];
  /** Further expressions that must match. */
  readonly and?: readonly string[];
  /** Expressions that must not match. */
  readonly not?: readonly string[];
  readonly accepts?: readonly string[];
  readonly refuses?: readonly string[];
  /** What the provider says; `{value}` stands for the value. */
  readonly message?: string;
}

export type TextFormatKind =
  | "base64"
  | "cidr"
  | "date"
  | "date-time"
  | "domain"
  | "email"
  | "go-duration"
  | "https-url"
  | "ip"
  | "ip-or-cidr"
  | "ipv4"
  | "iso-8601-duration"
  | "json"
  | "other"
  | "port"
  | "regex"
  | "resource-id"
  | "time"
  | "url"
  | "uuid";

export interface TypeSchema {
  readonly version: number;
  readonly block: BlockSchema;
  readonly rules?: TypeRules;
}
