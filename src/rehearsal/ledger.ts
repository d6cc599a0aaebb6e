import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromJson, type ObjectValue } from "./provider/value";

/** Something that exists in the simulated cloud. */
export interface LedgerEntry {
  readonly type: string;
  /** The id that the cloud gave it, as Terraform's state and import know it. */
  readonly id: string;
  /** Subscription, project, cluster or tenant it was made in. */
  readonly scope: string;
  /** When it was made, in ticks of the cloud's clock: one tick a change. */
  readonly createdAt: number;
  /** All attributes, those that the cloud filled in by itself included. */
  readonly attributes: ObjectValue;
  /** What was asked for where the cloud has filled in more: a state keeps it as long as nobody applies what was seen since. */
  readonly asked?: ObjectValue;
  /** Contents of write-only arguments: only the simulated cloud knows them, no state and no plan. */
  readonly writeOnly?: ObjectValue;
  /**
   * Id of what the cloud made this for, by itself; its own id where it was there before Terraform came. Terraform
   * neither made it nor deletes it.
   */
  readonly addedBy?: string;
  /** Whether it stays when what the cloud made it for goes, as it does for real. */
  readonly outlives?: true;
  /** Whether a later run has seen it: what takes a while to take effect has done so by then. */
  readonly settled?: boolean;
}

/** The ledger as it is on disk: `ledger.json` in the rehearsal's folder, to be read and edited by people. */
export interface LedgerFile {
  readonly format: 1;
  /** Everything invented (ids, keys, addresses) derives from it. */
  readonly seed: string;
  readonly clock: number;
  readonly entries: Readonly<Record<string, LedgerEntry>>;
  /** Deleted, but recoverable until purged: vaults, secrets. */
  readonly softDeleted: Readonly<Record<string, LedgerEntry>>;
  /** Every sensitive value that was invented: none may be found anywhere but in a state and here. */
  readonly canaries: readonly string[];
  /** Resource types that were ever made: a state may hold them when no configuration does any more. */
  readonly types: readonly string[];
  /** How often things were done: what fails at the n-th time, and the next version of a secret, follow from it. */
  readonly attempts: Readonly<Record<string, number>>;
}

/** Replacing a file costs some milliseconds on most disks, and Terraform applies ten resources at a time. */
const SHARED_WRITE_MS = 4;
/** What waits for a write waits this many times as long as the last one took: the larger the cloud, the more share one. */
const WRITES_APART = 2;

export function ledgerPath(folder: string): string {
  return join(folder, "ledger.json");
}

/**
 * The simulated cloud of a rehearsal's folder, read-only: an empty one where nothing was ever applied.
 *
 * @throws when the file isn't a ledger, naming it.
 */
export function readLedger(folder: string): LedgerFile {
  return new Ledger(folder).contents();
}

/**
 * The simulated cloud. One process writes it; it notices when someone else has edited the file in between
 * (that is how drift comes about) and takes their version.
 */
export class Ledger {
  private readonly path: string;
  private stamp = "";
  private dirty = false;
  private flushing: Promise<void> | undefined;
  private writeMs = 0;
  private seed: string;
  private clock = 0;
  private entries = new Map<string, LedgerEntry>();
  private deleted = new Map<string, LedgerEntry>();
  private canaries = new Set<string>();
  private types = new Set<string>();
  private attempts = new Map<string, number>();

  constructor(folder: string, seed?: string) {
    this.path = ledgerPath(folder);
    this.seed = seed ?? randomBytes(8).toString("hex");
    this.refresh();
  }

  contents(): LedgerFile {
    return {
      format: 1,
      seed: this.seed,
      clock: this.clock,
      entries: sorted(this.entries),
      softDeleted: sorted(this.deleted),
      canaries: [...this.canaries],
      types: [...this.types].sort(),
      attempts: sorted(this.attempts),
    };
  }

  /** Takes in what was edited on disk since the last look. */
  refresh(): void {
    if (this.dirty || !existsSync(this.path)) return;
    const stamp = stampOf(this.path);
    if (stamp === this.stamp) return;
    let file: LedgerFile;
    try {
      file = JSON.parse(readFileSync(this.path, "utf8"));
    } catch (error) {
      throw new Error(`${this.path} is not a ledger: ${(error as Error).message}; correct it or delete it`);
    }
    if (file.format !== 1) {
      throw new Error(
        `${this.path} has format ${file.format}, not 1; delete it to start with an empty cloud`,
      );
    }
    this.stamp = stamp;
    this.seed = file.seed;
    this.clock = file.clock;
    this.entries = toMap(file.entries);
    this.deleted = toMap(file.softDeleted);
    this.canaries = new Set(file.canaries);
    this.types = new Set(file.types);
    this.attempts = new Map(Object.entries(file.attempts));
  }

  /** The cloud's clock: one tick a change. */
  get now(): number {
    return this.clock;
  }

  find(key: string): LedgerEntry | undefined {
    return this.entries.get(key);
  }

  all(): LedgerEntry[] {
    return [...this.entries.values()];
  }

  ofType(...types: string[]): LedgerEntry[] {
    return this.all().filter((entry) => types.includes(entry.type));
  }

  knownTypes(): string[] {
    return [...this.types];
  }

  put(key: string, entry: Omit<LedgerEntry, "createdAt"> & { readonly createdAt?: number }): void {
    this.clock += 1;
    const createdAt = entry.createdAt ?? this.entries.get(key)?.createdAt ?? this.clock;
    this.entries.set(key, { ...entry, createdAt });
    this.dirty = true;
  }

  settle(key: string): void {
    const entry = this.entries.get(key);
    if (!entry || entry.settled) return;
    this.entries.set(key, { ...entry, settled: true });
    this.dirty = true;
  }

  remove(key: string): void {
    this.clock += 1;
    this.dirty = this.entries.delete(key) || this.dirty;
  }

  softDelete(key: string): void {
    const entry = this.entries.get(key);
    if (!entry) return;
    this.remove(key);
    this.deleted.set(key, entry);
  }

  findDeleted(key: string): LedgerEntry | undefined {
    return this.deleted.get(key);
  }

  allDeleted(): readonly (readonly [string, LedgerEntry])[] {
    return [...this.deleted];
  }

  purge(key: string): void {
    this.dirty = this.deleted.delete(key) || this.dirty;
  }

  noteType(type: string): void {
    if (this.types.has(type)) return;
    this.types.add(type);
    this.dirty = true;
  }

  noteCanary(value: string): void {
    if (this.canaries.has(value)) return;
    this.canaries.add(value);
    this.dirty = true;
  }

  /** Counts an attempt and says which it is, from 1. */
  countAttempt(what: string): number {
    const count = (this.attempts.get(what) ?? 0) + 1;
    this.attempts.set(what, count);
    this.dirty = true;
    return count;
  }

  /** A stretch of hex digits that is always the same for the same words in the same ledger. */
  hash(...words: string[]): string {
    return createHash("sha256")
      .update(JSON.stringify([this.seed, ...words]))
      .digest("hex");
  }

  /** Writes what has changed; changes made at about the same time share one write. All of it is on disk, or none. */
  flush(): Promise<void> {
    if (!this.dirty) return Promise.resolve();
    this.flushing ??= new Promise<void>((resolve, reject) => {
      setTimeout(
        () => {
          this.flushing = undefined;
          try {
            const started = performance.now();
            this.write();
            this.writeMs = performance.now() - started;
            resolve();
          } catch (error) {
            reject(error);
          }
        },
        Math.max(SHARED_WRITE_MS, WRITES_APART * this.writeMs),
      );
    });
    return this.flushing;
  }

  /** What couldn't be written hasn't happened: whoever waited for it tells Terraform that it failed. */
  private rollBack(): void {
    this.dirty = false;
    this.stamp = "";
    this.clock = 0;
    for (const part of [this.entries, this.deleted, this.canaries, this.types, this.attempts]) part.clear();
    this.refresh();
  }

  private write(): void {
    if (!this.dirty) return;
    const temporary = `${this.path}.${process.pid}.tmp`;
    try {
      writeFileSync(temporary, `${JSON.stringify(this.contents(), null, 1)}\n`);
      renameSync(temporary, this.path);
    } catch (error) {
      if (existsSync(temporary)) unlinkSync(temporary);
      this.rollBack();
      const { code, message } = error as NodeJS.ErrnoException;
      throw new Error(
        code === "ENOSPC"
          ? `no space left on the disk for ${this.path}; free some and run again`
          : `${this.path} can't be written: ${message}`,
      );
    }
    this.stamp = stampOf(this.path);
    this.dirty = false;
  }
}

function stampOf(path: string): string {
  const { mtimeMs, size, ino } = statSync(path);
  return `${mtimeMs} ${size} ${ino}`;
}

function toMap(entries: Readonly<Record<string, LedgerEntry>>): Map<string, LedgerEntry> {
  return new Map(
    Object.entries(entries).map(([key, entry]) => [
      key,
      {
        ...entry,
        attributes: fromJson(entry.attributes) as ObjectValue,
        ...(entry.writeOnly && { writeOnly: fromJson(entry.writeOnly) as ObjectValue }),
      },
    ]),
  );
}

function sorted<T>(map: ReadonlyMap<string, T>): Record<string, T> {
  return Object.fromEntries([...map].sort(([one], [other]) => (one < other ? -1 : 1)));
}
