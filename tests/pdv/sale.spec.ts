// The sale: with the keyboard alone, in every way to pay, and when something dies in the middle of it.
import { A8, Cashier, expect, L3, test } from "./shop";

const CREATED = "Ordem de Pagamento criada com sucesso. Realize o pagamento no equipamento.";

test("a sale is made and paid by a direct payment, with the keyboard alone", async ({ cashier, shop }) => {
  const { page } = cashier;
  await cashier.types("calab");
  await expect(page.locator(".product")).toHaveCount(1);
  await cashier.presses("ArrowDown");
  await cashier.presses("Enter");
  await expect(page.locator("#basket tbody tr")).toHaveCount(1);
  await cashier.sells("3*7");
  await expect(page.locator(".total strong")).toHaveText("R$ 85,60");
  await cashier.goesToPayment();
  await cashier.sends("b", "Balcão 2");
  await expect(cashier.payments).toContainText("POS · Débito · Balcão 2");
  await expect(cashier.payments).toContainText("Cobrando na Balcão 2");
  await shop.terminal(A8).answers("approve");
  await expect(page.getByRole("heading", { name: "Venda finalizada" })).toBeVisible();
  await expect(cashier.payments).toContainText("R$ 85,60 · Débito");
  await cashier.presses("Enter");
  await expect(page.locator("#code")).toBeFocused();
  await expect(page.getByRole("heading", { name: "Venda 2", exact: true }).last()).toBeVisible();
  await cashier.presses("F9");
  await expect(page.locator("tbody tr")).toContainText(["Finalizada"]);
});

test("the key Y opens the POS from the items, with the method free; without terminal and method it is listed for all", async ({ cashier, shop }) => {
  const { page } = cashier;
  await cashier.sells("3");
  await cashier.presses("y");
  await expect(page).toHaveURL(/\/pos$/);
  await expect(page.getByLabel("Forma de pagamento")).toHaveValue("");
  await cashier.presses("Enter");
  await expect(cashier.payments).toContainText(CREATED);
  for (const serial of [L3, A8]) await shop.terminal(serial).shows({ text: "Venda 1" });
  const l3 = shop.terminal(L3);
  await l3.take("Venda 1");
  await expect(cashier.payments).toContainText("Aberto na Balcão 1");
  await l3.tap("method:pix");
  await l3.answers("approve");
  await expect(page.getByRole("heading", { name: "Venda finalizada" })).toBeVisible();
});

test("a method chosen before is fixed, and a P2 is not offered for direct payments", async ({ cashier }) => {
  const { page } = cashier;
  await cashier.sells("3");
  await cashier.goesToPayment();
  await cashier.presses("p");
  await expect(page.getByLabel("Forma de pagamento")).toHaveValue("Pix");
  await expect(page.getByLabel("Forma de pagamento")).not.toBeEditable();
  await expect(page.getByRole("radio", { name: "Entrega 1" })).toBeDisabled();
  await expect(page.locator(".choice", { hasText: "Entrega 1" })).toContainText("só delivery");
});

test("cash and two terminals pay one sale, and it ends only with every centavo", async ({ cashier, shop }) => {
  const { page } = cashier;
  await cashier.sells("10");
  await cashier.goesToPayment();
  await cashier.presses("d");
  await cashier.types("8,90");
  await cashier.presses("Tab");
  await cashier.types("10");
  await cashier.presses("Enter");
  await expect(page.locator(".sum .change")).toContainText("R$ 1,10");
  await cashier.presses("c");
  await expect(page.getByLabel("Valor")).toBeFocused();
  await cashier.types("15");
  await page.getByRole("radio", { name: "Balcão 1" }).focus();
  await cashier.presses("Space");
  await cashier.presses("Enter");
  await expect(page.locator(".sum .open")).toContainText("R$ 5,00");
  await cashier.sends("b", "Balcão 2");
  await expect(page.locator(".sum .done")).toContainText("R$ 0,00");
  await shop.terminal(L3).answers("approve");
  await expect(cashier.payments.nth(1)).toContainText("Pago.");
  await expect(page.getByRole("heading", { name: "Venda finalizada" })).toBeHidden();
  await shop.terminal(A8).answers("approve");
  await expect(page.getByRole("heading", { name: "Venda finalizada" })).toBeVisible();
});

test("an amount is typed over the one that is offered", async ({ cashier }) => {
  const { page } = cashier;
  await cashier.sells("10");
  await cashier.goesToPayment();
  for (const path of ["/pos", "/pos?forma=credit", "/pos?forma=pix"]) {
    await page.goto(page.url().replace(/\/(pagamento|pos).*$/, path));
    await expect(page.getByLabel("Valor")).toBeFocused();
    await cashier.types("7");
    await expect(page.getByLabel("Valor")).toHaveValue("7");
  }
});

test("a declined payment says so and can be tried again on the terminal", async ({ cashier, shop }) => {
  const { page } = cashier;
  await cashier.sells("3");
  await cashier.goesToPayment();
  await cashier.sends("c", "Balcão 1");
  await shop.terminal(L3).answers("decline");
  await expect(cashier.payments).toContainText("Recusado na Balcão 1");
  await shop.terminal(L3).tap("try-again");
  await shop.terminal(L3).tap("charge");
  await shop.terminal(L3).answers("approve");
  await expect(page.getByRole("heading", { name: "Venda finalizada" })).toBeVisible();
});

test("leaving the payment closes the order; one that is already in the acquirer's app ends as it ends", async ({ cashier, shop }) => {
  const { page } = cashier;
  await cashier.sells("3");
  await cashier.goesToPayment();
  await cashier.sends("y");
  await expect(cashier.payments).toContainText(CREATED);
  await cashier.presses("Escape");
  await expect(cashier.payments).toContainText("Cancelado, sem cobrança.");
  await expect(page.locator(".sum .open")).toContainText("R$ 5,90");
  await cashier.sends("b", "Balcão 2");
  await expect(cashier.payments.nth(1)).toContainText("Cobrando");
  await cashier.presses("Escape");
  await expect(cashier.payments.nth(1)).toContainText(/já está aberto|pagamento em andamento/);
  await shop.terminal(A8).answers("approve");
  await expect(page.getByRole("heading", { name: "Venda finalizada" })).toBeVisible();
  expect(await shop.terminal(A8).transactions()).toBe(1);
});

test("what is refused keeps what was typed and says what to do", async ({ cashier }) => {
  const { page } = cashier;
  await cashier.types("999");
  await cashier.presses("Enter");
  await expect(page.getByRole("alert").filter({ hasText: "Nenhum produto tem este código" })).toBeVisible();
  await expect(page.locator("#code")).toHaveValue("999");
  await cashier.types("3");
  await cashier.presses("Enter");
  await expect(page.locator("#basket tbody tr")).toHaveCount(1);
  await cashier.goesToPayment();
  await cashier.presses("y");
  await expect(page.getByLabel("Valor")).toBeFocused();
  await cashier.types("6,00");
  await cashier.presses("Enter");
  await expect(page.getByRole("alert").filter({ hasText: "passa do que falta" })).toBeVisible();
  await expect(page.getByLabel("Valor")).toHaveValue("6,00");
});

test("the service killed in the middle of a sale loses nothing", async ({ cashier, shop }) => {
  const { page } = cashier;
  await cashier.sells("3");
  await cashier.goesToPayment();
  await shop.withoutService(async () => {
    await cashier.sends("b", "Balcão 2");
    await expect(cashier.payments).toContainText("Enviando para a maquininha");
  });
  await expect(cashier.payments).toContainText("Cobrando na Balcão 2", { timeout: 30_000 });
  await shop.terminal(A8).answers("approve");
  await expect(page.getByRole("heading", { name: "Venda finalizada" })).toBeVisible();
  expect(await shop.terminal(A8).transactions()).toBe(1);
});

test("the PDV killed in the middle of a sale goes on where it was, and the page says when it is away", async ({ cashier, shop }) => {
  const { page } = cashier;
  await cashier.sells("3");
  await cashier.goesToPayment();
  await cashier.sends("b", "Balcão 2");
  await expect(cashier.payments).toContainText("Cobrando");
  await shop.restartPdv();
  await shop.terminal(A8).answers("approve");
  await expect(page.getByRole("heading", { name: "Venda finalizada" })).toBeVisible({ timeout: 30_000 });
  await expect(page.locator("#lost")).toBeHidden();
});

test("two windows show the same sale, and what one does the other sees", async ({ cashier, shop, context }) => {
  await cashier.sells("3");
  await cashier.goesToPayment();
  const second = new Cashier(await context.newPage(), shop);
  await second.page.goto(cashier.page.url());
  await cashier.page.bringToFront();
  await cashier.sends("b", "Balcão 2");
  await expect(second.payments).toContainText("Cobrando na Balcão 2");
  await shop.terminal(A8).answers("approve");
  for (const { page } of [cashier, second]) await expect(page.getByRole("heading", { name: "Venda finalizada" })).toBeVisible();
});
