//! Goal: a person can do the job on a terminal's page, with a mouse and with the keys alone. Method: Chromium without a
//! window, through WebDriver, on a store of real processes. `POS_CONNECT_SCREENSHOTS=DIR` keeps the pictures that the
//! README shows.

#[cfg(test)]
mod driver;
#[cfg(test)]
mod paying;
