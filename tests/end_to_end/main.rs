//! Goal: the whole line of the product does its job, also when it is killed, cut off, sent twice or lied to. Method: each
//! test has a store of its own (mobilepayment and virtual terminals as real processes, real HTTP, real files; see the
//! harness in `tests/src`) and is driven as people drive it: the PDV's API, the terminal's screen, the acquirer's app,
//! the network's plug and the power switch.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod courier;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod direct;
#[cfg(test)]
mod doubt;
#[cfg(test)]
mod listed;
#[cfg(test)]
mod modified;
#[cfg(test)]
mod partial;
#[cfg(test)]
mod privacy;
#[cfg(test)]
mod receipts;
#[cfg(test)]
mod reversal;
#[cfg(test)]
mod webhooks;
