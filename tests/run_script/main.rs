//! Goal: `scripts/run` works as a newcomer uses it: it builds, starts, says where, stops, and goes on with the same data.
//! A target of its own, because it may build the programs anew while other tests would want to start them.

#[cfg(test)]
mod starting;
