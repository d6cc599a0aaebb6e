import type { Behaviour, Change } from "../behaviour";
import type { Cloud } from "../cloud";
import { canonical, type ObjectValue, textAt, type Value } from "../value";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGITS = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

const CHARACTER_DEFAULTS: Readonly<Record<string, Value>> = {
  lower: true,
  upper: true,
  numeric: true,
  number: true,
  special: true,
  min_lower: 0,
  min_upper: 0,
  min_numeric: 0,
  min_special: 0,
};

/** Bytes that look random and follow from the ledger's seed and how many were drawn before. */
class Dice {
  private block = "";
  private position = 0;
  private count = 0;

  constructor(
    private readonly cloud: Cloud,
    private readonly subject: string,
  ) {}

  byte(): number {
    if (this.position >= this.block.length) {
      this.block = this.cloud.hash("dice", this.subject, String(this.count));
      this.count += 1;
      this.position = 0;
    }
    const byte = Number.parseInt(this.block.slice(this.position, this.position + 2), 16);
    this.position += 2;
    return byte;
  }

  below(limit: number): number {
    return (this.byte() * 65_536 + this.byte() * 256 + this.byte()) % limit;
  }

  pick(characters: string): string {
    return characters.charAt(this.below(characters.length));
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.byte()));
  }
}

/** Two resources with the same arguments draw different values, as the first one drawn is counted. */
function diceFor(cloud: Cloud, type: string, attributes: ObjectValue): Dice {
  return new Dice(cloud, `${type} ${canonical(attributes)} ${cloud.ledger.countAttempt(`draw ${type}`)}`);
}

function randomText(cloud: Cloud, dice: Dice, attributes: ObjectValue, isSecret: boolean): string {
  const length = Number(attributes.length ?? 0);
  const wants = (name: string) => attributes[name] !== false;
  const special = textAt(attributes, "override_special") || SPECIAL;
  const classes = [
    { characters: LOWER, isWanted: wants("lower"), atLeast: Number(attributes.min_lower ?? 0) },
    { characters: UPPER, isWanted: wants("upper"), atLeast: Number(attributes.min_upper ?? 0) },
    { characters: DIGITS, isWanted: wants("numeric"), atLeast: Number(attributes.min_numeric ?? 0) },
    { characters: special, isWanted: wants("special"), atLeast: Number(attributes.min_special ?? 0) },
  ];
  const alphabet = classes.map(({ characters, isWanted }) => (isWanted ? characters : "")).join("") || LOWER;
  const must = classes.flatMap(({ characters, atLeast }) =>
    Array.from({ length: atLeast }, () => dice.pick(characters)),
  );
  // A long password says that it is one, so that leaks can be searched for by eye as well.
  const mark = isSecret && wants("upper") && length - must.length >= 16 ? "CANARY" : "";
  const rest = Array.from({ length: Math.max(0, length - must.length - mark.length) }, () =>
    dice.pick(alphabet),
  );
  const text = mark + [...must, ...rest].join("");
  if (isSecret && text.length >= 8) cloud.ledger.noteCanary(text);
  return text;
}

const texts: Behaviour = {
  types: ["random_password", "random_string"],
  planDefaults: CHARACTER_DEFAULTS,
  computed({ cloud, type, attributes }) {
    const isSecret = type === "random_password";
    const result = randomText(cloud, diceFor(cloud, type, attributes), attributes, isSecret);
    return {
      id: isSecret ? "none" : result,
      result,
      ...(isSecret && { bcrypt_hash: bcryptLike(cloud, result) }),
    };
  },
  openEphemeral({ cloud, type, config }) {
    const settings = { ...CHARACTER_DEFAULTS, ...withoutNulls(config) };
    const result = randomText(cloud, diceFor(cloud, `ephemeral ${type}`, config), settings, true);
    return { ...settings, result, bcrypt_hash: bcryptLike(cloud, result) };
  },
};

const numbers: Behaviour = {
  types: ["random_uuid", "random_uuid4", "random_uuid7", "random_id", "random_bytes", "random_integer"],
  computed({ cloud, type, attributes }) {
    const dice = diceFor(cloud, type, attributes);
    if (type.startsWith("random_uuid")) {
      const uuid = cloud.uuid(dice.bytes(8).toString("hex"));
      return { id: uuid, result: uuid };
    }
    if (type === "random_integer") {
      const [lowest, highest] = [Number(attributes.min), Number(attributes.max)];
      const result = lowest + dice.below(highest - lowest + 1);
      return { id: String(result), result };
    }
    const bytes = dice.bytes(Number(attributes.byte_length ?? attributes.length ?? 8));
    const prefix = textAt(attributes, "prefix") ?? "";
    return {
      id: bytes.toString("base64url"),
      hex: prefix + bytes.toString("hex"),
      dec: prefix + BigInt(`0x${bytes.toString("hex") || "0"}`).toString(),
      b64_url: prefix + bytes.toString("base64url"),
      b64_std: prefix + bytes.toString("base64"),
      base64: bytes.toString("base64"),
    };
  },
};

const ADJECTIVES = ["brave", "calm", "eager", "fair", "gentle", "keen", "lively", "proud", "quick", "wise"];
const ANIMALS = ["badger", "crane", "falcon", "heron", "ibex", "lynx", "marten", "otter", "stoat", "wren"];

const names: Behaviour = {
  types: ["random_pet", "random_shuffle"],
  computed({ cloud, type, attributes }: Change) {
    const dice = diceFor(cloud, type, attributes);
    if (type === "random_shuffle") {
      const pool = Array.isArray(attributes.input) ? [...(attributes.input as readonly Value[])] : [];
      const count = Number(attributes.result_count ?? pool.length);
      const result = Array.from(
        { length: Math.min(count, pool.length) },
        () => pool.splice(dice.below(pool.length), 1)[0] as Value,
      );
      return { id: "-", result };
    }
    const count = Number(attributes.length ?? 2);
    const words = Array.from({ length: count }, (_, index) => {
      const list = index === count - 1 ? ANIMALS : ADJECTIVES;
      return list[dice.below(list.length)] as string;
    });
    const prefix = textAt(attributes, "prefix");
    return { id: [...(prefix ? [prefix] : []), ...words].join(textAt(attributes, "separator") ?? "-") };
  },
};

/** Shaped like a bcrypt hash; nobody checks a password against it. */
function bcryptLike(cloud: Cloud, password: string): string {
  return `$2a$10$${Buffer.from(cloud.hash("bcrypt", password), "hex").toString("base64url").slice(0, 43)}CANARYbcrypt`.slice(
    0,
    60,
  );
}

function withoutNulls(value: ObjectValue): ObjectValue {
  return Object.fromEntries(Object.entries(value).filter(([, child]) => child !== null));
}

export const randomValues: readonly Behaviour[] = [texts, numbers, names];
