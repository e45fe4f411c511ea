// Who comes in, and whether everybody can use the pages.
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { Cashier, expect, test } from "./shop";

async function isAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter((found) => found.impact === "serious" || found.impact === "critical");
  expect(serious.map((found) => `${found.id}: ${found.nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
}

test("no page has a serious accessibility fault", async ({ page, shop }) => {
  const cashier = new Cashier(page, shop);
  await page.goto(`${shop.pdv}/entrar`);
  await isAccessible(page);
  await cashier.logsIn();
  await cashier.sells("3");
  await cashier.types("p");
  await expect(page.locator(".product").first()).toBeVisible();
  await isAccessible(page);
  await page.locator("#code").fill("");
  await cashier.goesToPayment();
  await isAccessible(page);
  await cashier.presses("y");
  await expect(page).toHaveURL(/\/pos/);
  await isAccessible(page);
  await cashier.presses("Enter");
  await expect(cashier.payments).toHaveCount(1);
  await isAccessible(page);
  await cashier.presses("F9");
  await expect(page.getByRole("heading", { name: "Vendas realizadas" })).toBeVisible();
  await isAccessible(page);
  await page.goto(`${shop.pdv}/nada`);
  await isAccessible(page);
});

test("pages fit a phone without scrolling sideways", async ({ page, shop }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const cashier = new Cashier(page, shop);
  await cashier.logsIn();
  await cashier.sells("3");
  for (const path of ["", "/pagamento", "/pos"]) {
    await page.goto(`${shop.pdv}/venda/1${path}`);
    const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    expect(inner, path).toBeLessThanOrEqual(outer);
  }
});

test("a wrong password says nothing about who exists, and guessing is braked", async ({ page, shop }) => {
  const cashier = new Cashier(page, shop);
  for (const login of ["caixa", "ninguem"]) {
    await cashier.logsIn(login, "errada");
    await expect(page.getByRole("alert").filter({ hasText: "Usuário ou senha incorretos" })).toBeVisible();
  }
  for (let tries = 1; tries < 5; tries++) {
    await cashier.logsIn("caixa", "errada");
    await expect(page.getByRole("alert").filter({ hasText: "incorretos" })).toBeVisible();
  }
  await cashier.logsIn();
  await expect(page.getByRole("alert").filter({ hasText: "Espere um minuto" })).toBeVisible();
});

test("nobody sees a page without logging in, and another site's form is refused", async ({ page, shop }) => {
  await page.goto(`${shop.pdv}/vendas`);
  await expect(page).toHaveURL(/entrar$/);
  const cashier = new Cashier(page, shop);
  await cashier.logsIn();
  await expect(page.locator("#code")).toBeFocused();
  const foreign = await page.request.post(`${shop.pdv}/venda/1/cancelar`, { headers: { origin: "http://mau.exemplo" }, maxRedirects: 0 });
  expect(foreign.status()).toBe(403);
  const headers = (await page.request.get(`${shop.pdv}/venda/1`)).headers();
  expect(headers["content-security-policy"]).toContain("default-src 'none'");
  expect(headers["cache-control"]).toBe("no-store");
  await page.getByRole("button", { name: "Sair" }).click();
  await page.goto(`${shop.pdv}/venda`);
  await expect(page).toHaveURL(/entrar$/);
});
