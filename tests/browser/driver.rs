//! Chromium and its driver, started and stopped with the test.

use std::future::Future;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use pos_connect_tests::CEILING;
use thirtyfour::prelude::*;

/// How often a page is looked at while something is waited for: WebDriver cannot tell when it changes.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A running ChromeDriver. Dropping it kills it, and Chromium with it.
struct Driver {
    child: Child,
    address: String,
}

impl Driver {
    fn start() -> Self {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed: scripts/test does it");
        let stdout = BufReader::new(child.stdout.take().expect("stdout was piped"));
        let port = stdout
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                line.split_once("started successfully on port ")
                    .map(|(_, port)| port.trim_end_matches('.').to_owned())
            })
            .expect("chromedriver says its port");
        Self { child, address: format!("http://127.0.0.1:{port}") }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Gone already, which is what is wanted.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// Opens a page and does something with it.
pub(crate) fn with_page<F: Future<Output = WebDriverResult<()>>>(
    address: &str,
    work: impl FnOnce(WebDriver) -> F,
) {
    // Several crates bring TLS; one of them must be named, although nothing here is encrypted.
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
    let driver = Driver::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut capabilities = DesiredCapabilities::chrome();
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--window-size=1180,900",
            "--hide-scrollbars",
            "--lang=pt-BR",
        ] {
            capabilities.add_arg(argument).unwrap();
        }
        let browser = WebDriver::new(&driver.address, capabilities).await.expect("Chromium starts");
        browser.goto(address).await.expect("the page opens");
        let worked = work(browser.clone()).await;
        if let Err(error) = &worked {
            let seen = browser.find(By::Tag("body")).await.unwrap().text().await.unwrap_or_default();
            panic!("{error}\nthe page shows:\n{seen}");
        }
        browser.quit().await.unwrap();
    });
}

/// Waits for an element with this text among what a selector finds.
pub(crate) async fn find(browser: &WebDriver, selector: &str, text: &str) -> WebDriverResult<WebElement> {
    until_done(|| look(browser, selector, text)).await
}

/// Clicks on it, as soon as it is there.
pub(crate) async fn click(browser: &WebDriver, selector: &str, text: &str) -> WebDriverResult<()> {
    until_done(async || look(browser, selector, text).await?.click().await).await
}

/// Tries again while the page is being drawn: an element may not be there yet, or not any more.
async fn until_done<T>(attempt: impl AsyncFn() -> WebDriverResult<T>) -> WebDriverResult<T> {
    let until = Instant::now() + CEILING;
    loop {
        match attempt().await {
            Err(_) if Instant::now() < until => tokio::time::sleep(LOOK_AGAIN).await,
            done => return done,
        }
    }
}

async fn look(browser: &WebDriver, selector: &str, text: &str) -> WebDriverResult<WebElement> {
    for element in browser.find_all(By::Css(selector)).await? {
        if element.text().await?.contains(text) {
            return Ok(element);
        }
    }
    Err(thirtyfour::error::no_such_element(format!("{selector} with “{text}”")))
}

/// Keeps a picture where `POS_CONNECT_SCREENSHOTS` says.
pub(crate) async fn picture(browser: &WebDriver, name: &str) -> WebDriverResult<()> {
    match std::env::var_os("POS_CONNECT_SCREENSHOTS") {
        Some(folder) => browser.screenshot(&Path::new(&folder).join(name)).await,
        None => Ok(()),
    }
}
