// The reference PDV in Debian's Chromium. One worker: every test starts a whole shop of its own, and the machine is small.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  // In the gate a browser may be starved by its neighbours: what fails is tried once more, and told as flaky.
  retries: process.env.CI === undefined ? 0 : 1,
  forbidOnly: process.env.CI !== undefined,
  reporter: [["list"]],
  use: {
    viewport: { width: 1024, height: 768 },
    locale: "pt-BR",
    screenshot: "only-on-failure",
    launchOptions: { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] },
  },
});
