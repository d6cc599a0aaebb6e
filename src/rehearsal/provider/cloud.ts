import type { Ledger, LedgerEntry } from "../ledger";
import type { Scenario } from "../scenario";
import type { ProviderSettings, SimulatedProvider } from "./simulated-provider";
import { textAt } from "./value";

/** The simulated cloud as one provider configuration sees it. */
export class Cloud {
  constructor(
    readonly provider: SimulatedProvider,
    readonly settings: ProviderSettings,
    readonly ledger: Ledger,
    readonly scenario: Scenario,
  ) {}

  /** The subscription, project, cluster or tenant that this configuration works in. */
  get scope(): string {
    return this.settings.scope;
  }

  key(type: string, id: string): string {
    const kind = this.provider.kindOf(type);
    const name = this.provider.ignoresCase ? id.toLowerCase() : id;
    return this.provider.idsAreGlobal ? `${kind} ${name}` : `${kind} ${name} in ${this.scope}`;
  }

  find(type: string, id: string): LedgerEntry | undefined {
    return this.ledger.find(this.key(type, id));
  }

  /** Everything of some types, wherever it is. */
  ofType(...types: string[]): LedgerEntry[] {
    const kinds = types.map((type) => this.provider.kindOf(type));
    return this.ledger.all().filter((entry) => kinds.includes(this.provider.kindOf(entry.type)));
  }

  /** The thing of one of these types whose attribute has that text, in whatever case. */
  findBy(type: string, attribute: string, value: string | undefined): LedgerEntry | undefined {
    if (value === undefined) return undefined;
    const wanted = value.toLowerCase();
    return this.ofType(type).find((entry) => textAt(entry.attributes, attribute)?.toLowerCase() === wanted);
  }

  hash(...words: string[]): string {
    return this.ledger.hash(...words);
  }

  uuid(...words: string[]): string {
    const hex = this.hash("uuid", ...words);
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `4${hex.slice(13, 16)}`,
      `a${hex.slice(17, 20)}`,
      hex.slice(20, 32),
    ].join("-");
  }

  /** A secret of the cloud's own making. It can be searched for: it may be nowhere but in a state. */
  secret(...words: string[]): string {
    const value = `CANARY${Buffer.from(this.hash("secret", ...words), "hex").toString("base64url")}`;
    this.ledger.noteCanary(value);
    return value;
  }
}
