// A whole shop for one test: mobilepayment, virtual terminals and the PDV as real processes on free ports, with their own data.
import { test as base, expect, type Page } from "@playwright/test";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROGRAMS = process.env.POS_CONNECT_PROGRAMS ?? fileURLToPath(new URL("../../target/debug", import.meta.url));
const READY_MS = 30_000;
const SECRET_KEY = "sk_0123456789abcdef0123456789abcdef";
const PASSWORD = "uma senha do teste";
export const L3 = "PB0423L300117";
export const A8 = "6C568971";
export const P2 = "PB09216L80533";
const TERMINALS = [
  { serial: L3, model: "L3", description: "Balcão 1", acquirer_cnpj: "16501555000157" },
  { serial: A8, model: "A8", description: "Balcão 2", acquirer_cnpj: "16501555000157" },
  { serial: P2, model: "P2", description: "Entrega 1", acquirer_cnpj: "16501555000157" },
];

/** A program that says on its standard output where it listens. */
class Program {
  private constructor(private readonly child: ChildProcess, readonly address: string) {}

  static start(name: string, args: string[]): Promise<Program> {
    const child = spawn(join(PROGRAMS, name), args, { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    return new Promise((resolve, reject) => {
      const give = (why: string) => reject(new Error(`${name} ${why}:\n${said}`));
      const timer = setTimeout(() => give("was not ready in time"), READY_MS);
      const hear = (chunk: Buffer) => {
        said += chunk.toString();
        const found = /listening on (http:\/\/[^\s/]+)/.exec(said);
        if (found !== null) {
          clearTimeout(timer);
          resolve(new Program(child, found[1]));
        }
      };
      child.stdout?.on("data", hear);
      child.stderr?.on("data", hear);
      child.on("exit", () => give("ended by itself"));
      child.on("error", (error) => give(error.message));
    });
  }

  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    return new Promise((resolve) => {
      if (this.child.exitCode !== null || this.child.signalCode !== null) return resolve();
      this.child.on("exit", () => resolve());
      this.child.kill(signal);
    });
  }
}

/** One virtual terminal, worked like a person would, over its API. */
export class Terminal {
  constructor(private readonly address: string) {}

  private async ask(path: string, body?: object): Promise<Record<string, unknown>> {
    const init = body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const answer = await fetch(`${this.address}/${path}`, init);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return await answer.json() as Record<string, unknown>;
  }

  /** Waits until the terminal shows this. */
  async shows(criteria: Record<string, string>): Promise<void> {
    await this.ask(`wait?${new URLSearchParams({ timeout_s: "30", ...criteria })}`);
  }

  async tap(id: string): Promise<void> {
    await this.shows({ tap: id });
    await this.ask("tap", { id });
  }

  /** Opens the order of the list with this number. */
  async take(number: string): Promise<void> {
    await this.shows({ text: number });
    const state = JSON.stringify(await this.ask("state"));
    const found = /order:or_[0-9a-z]+/.exec(state);
    if (found === null) throw new Error(`no order in ${state}`);
    await this.tap(found[0]);
  }

  /** The acquirer's app is open and answers so. */
  async answers(answer: "approve" | "decline" | "cancel"): Promise<void> {
    await this.shows({ acquirer: "pay" });
    await this.ask(`acquirer/${answer}`, {});
  }

  async transactions(): Promise<number> {
    return (await this.ask("acquirer/transactions")).transactions instanceof Array
      ? ((await this.ask("acquirer/transactions")).transactions as unknown[]).length : 0;
  }
}

export class Shop {
  private constructor(
    private readonly folder: string,
    private service: Program,
    private pdvProgram: Program,
    private readonly fleet: Program,
  ) {}

  static async open(): Promise<Shop> {
    const folder = mkdtempSync(join(tmpdir(), "pdv-"));
    const methods = ["credit", "debit", "pix", "voucher"].map((method) =>
      `[[company.method]]\nmethod = "${method}"\n${method === "credit" ? "merchant_installments_max = 12\n" : ""}`);
    const terminals = TERMINALS.map((terminal) =>
      `[[company.terminal]]\nserial = "${terminal.serial}"\nmodel = "${terminal.model}"\nacquirer_cnpj = "${terminal.acquirer_cnpj}"\ndescription = "${terminal.description}"\n`);
    writeFileSync(join(folder, "service.toml"),
      `[[company]]\naccount_id = "acc_teste"\nstore_name = "Loja Teste"\nsecret_key = "${SECRET_KEY}"\n${[...methods, ...terminals].join("\n")}`);
    writeFileSync(join(folder, "key"), `${SECRET_KEY}\n`);
    writeFileSync(join(folder, "shop.json"), JSON.stringify({
      people: [
        { login: "caixa", name: "Caixa", password: PASSWORD, manager: false },
        { login: "gerente", name: "Gerente", password: PASSWORD, manager: true },
      ],
      companies: [{ name: "Loja Teste", cnpj: "11222333000181", account_id: "acc_teste", secret_key: SECRET_KEY, terminals: TERMINALS }],
    }));
    const service = await Shop.startService(folder, "127.0.0.1:0");
    const fleet = await Program.start("virtual-terminal", ["--service", service.address, "--data", join(folder, "terminals"),
      "--listen", "127.0.0.1:0", "--activate-with-key-file", join(folder, "key"), ...TERMINALS.flatMap((terminal) => ["--terminal", `${terminal.serial}:${terminal.model}`])]);
    const pdv = await Shop.startPdv(folder, service.address, "127.0.0.1:0");
    return new Shop(folder, service, pdv, fleet);
  }

  private static startService(folder: string, listen: string): Promise<Program> {
    return Program.start("mobilepayment", ["--config", join(folder, "service.toml"), "--data", join(folder, "service"), "--listen", listen]);
  }

  private static startPdv(folder: string, service: string, listen: string): Promise<Program> {
    return Program.start("pdv", ["--data", join(folder, "pdv"), "--service", service, "--sample", join(folder, "shop.json"), "--listen", listen]);
  }

  get pdv(): string {
    return this.pdvProgram.address;
  }

  terminal(serial: string): Terminal {
    return new Terminal(`${this.fleet.address}/api/terminals/${serial}`);
  }

  /** The service dies where it stands, and something is done before it comes back on the same address. */
  async withoutService(meanwhile: () => Promise<void>): Promise<void> {
    const address = this.service.address.replace("http://", "");
    await this.service.stop("SIGKILL");
    await meanwhile();
    this.service = await Shop.startService(this.folder, address);
  }

  /** The PDV dies where it stands and comes back on the same address. */
  async restartPdv(): Promise<void> {
    const address = this.pdv.replace("http://", "");
    await this.pdvProgram.stop("SIGKILL");
    this.pdvProgram = await Shop.startPdv(this.folder, this.service.address, address);
  }

  async close(): Promise<void> {
    await Promise.all([this.pdvProgram.stop(), this.fleet.stop()]);
    await this.service.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A cashier at the PDV, with the keyboard alone. */
export class Cashier {
  constructor(readonly page: Page, private readonly shop: Shop) {}

  /** Presses a key once the page can hear it. */
  async presses(key: string): Promise<void> {
    await this.page.waitForLoadState("load");
    await this.page.keyboard.press(key);
  }

  /** Types a text once the page is ready for it. */
  async types(text: string): Promise<void> {
    await this.page.waitForLoadState("load");
    await this.page.keyboard.type(text);
  }

  async logsIn(login = "caixa", password = PASSWORD): Promise<void> {
    await this.page.goto(`${this.shop.pdv}/entrar`);
    await expect(this.page.getByLabel("Usuário")).toBeFocused();
    await this.types(login);
    await this.presses("Tab");
    await this.types(password);
    await this.presses("Enter");
  }

  /** Types what is sold (`3*7`: three of product 7) and waits until it is on the sale. */
  async sells(typed: string): Promise<void> {
    const rows = this.page.locator("#basket tbody tr");
    const before = await rows.count();
    await expect(this.page.locator("#code")).toBeFocused();
    await this.types(typed);
    await this.presses("Enter");
    await expect(rows).toHaveCount(before + 1);
  }

  async goesToPayment(): Promise<void> {
    await this.presses("F8");
    await expect(this.page).toHaveURL(/pagamento$/);
  }

  /** Sends what is missing to a terminal, or to the list; the method, if there is one, is chosen before. */
  async sends(key: "c" | "b" | "p" | "v" | "y", terminal?: string): Promise<void> {
    await this.presses(key);
    await expect(this.page).toHaveURL(/\/pos/);
    if (terminal !== undefined) {
      await this.page.getByRole("radio", { name: terminal }).focus();
      await this.presses("Space");
    }
    await this.presses("Enter");
    await expect(this.page).toHaveURL(/pagamento$/);
  }

  /** The payments of the sale, as the page tells them. */
  get payments() {
    return this.page.locator(".payments li");
  }
}

export const test = base.extend<{ shop: Shop; cashier: Cashier }>({
  shop: async ({}, use) => {
    const shop = await Shop.open();
    await use(shop);
    await shop.close();
  },
  cashier: async ({ page, shop }, use) => {
    const cashier = new Cashier(page, shop);
    await cashier.logsIn();
    await expect(page.locator("#code")).toBeFocused();
    await use(cashier);
  },
});

export { expect };
