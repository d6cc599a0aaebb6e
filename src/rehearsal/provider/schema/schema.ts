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
}

export interface TextRule {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly characters?: string;
  readonly first?: string;
  readonly last?: string;
  readonly doubleHyphen?: boolean;
}

export interface TypeSchema {
  readonly version: number;
  readonly block: BlockSchema;
  readonly rules?: TypeRules;
}
