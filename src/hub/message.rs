//! Each [`HubCall`] as an HTTP request, and what must come back.

use protocol::claim::ClaimGrant;
use protocol::{AttemptId, ClaimId};
use reqwest::{Client, RequestBuilder};
use serde::de::DeserializeOwned;

use super::address::Address;
use super::not_ours;
use crate::flow::{CallFailure, HubCall, Reply};

/// The answer that fits a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Activated,
    Feed,
    Claimed(ClaimId),
    Released,
    Attempt(AttemptId),
    Noted,
}

pub(super) fn request(client: &Client, address: &Address, call: &HubCall) -> (RequestBuilder, Expected) {
    let post = |segments: &[&str]| client.post(address.path(segments));
    match call {
        HubCall::Activate(body) => (post(&["activate"]).json(body), Expected::Activated),
        HubCall::Feed { since, wait_s } => {
            let mut url = address.path(&["feed"]);
            if let Some(since) = since {
                url.query_pairs_mut().append_pair("since", &since.to_string());
            }
            url.query_pairs_mut().append_pair("wait_s", &wait_s.to_string());
            (client.get(url), Expected::Feed)
        }
        HubCall::Claim(body) => (post(&["claims"]).json(body), Expected::Claimed(body.claim_id)),
        HubCall::Release(body) => (post(&["claims", "release"]).json(body), Expected::Released),
        HubCall::Start(body) => (post(&["attempts"]).json(body), Expected::Attempt(body.attempt_id)),
        HubCall::Outcome(body) => {
            let expected = Expected::Attempt(body.attempt.attempt_id);
            (post(&["attempts", "outcome"]).json(body), expected)
        }
        HubCall::Statement(body) => {
            (post(&["attempts", "statement"]).json(body), Expected::Attempt(body.attempt_id))
        }
        HubCall::Reversal(body) => (post(&["reversals"]).json(body), Expected::Attempt(body.attempt_id)),
        HubCall::ReceiptResult(body) => {
            (post(&["prints", body.print_id.as_str(), "result"]).json(body), Expected::Noted)
        }
    }
}

impl Expected {
    /// Reads the body of a good answer. One that names another message than ours is not ours.
    pub(super) fn read(self, body: &[u8]) -> Result<Reply, CallFailure> {
        match self {
            Self::Activated => parse(body).map(Reply::Activated),
            Self::Feed => parse(body).map(Reply::Feed),
            Self::Claimed(claim_id) => {
                let grant: Box<ClaimGrant> = parse(body)?;
                if grant.claim_id == claim_id { Ok(Reply::Claimed(grant)) } else { Err(not_ours()) }
            }
            Self::Released => parse(body).map(Reply::Released),
            Self::Attempt(attempt_id) => {
                let ack: Box<protocol::attempt::AttemptAck> = parse(body)?;
                if ack.attempt_id == attempt_id { Ok(Reply::Attempt(ack)) } else { Err(not_ours()) }
            }
            // Nothing to read, but a portal's page is not "taken down".
            Self::Noted if body.trim_ascii().is_empty() => Ok(Reply::Noted),
            Self::Noted => parse::<serde_json::Map<String, serde_json::Value>>(body).map(|_| Reply::Noted),
        }
    }
}

pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, CallFailure> {
    serde_json::from_slice(body).map_err(|error| {
        // Where, not what: the body may hold a token or a receipt.
        log::warn!("answer not understood at {}:{}", error.line(), error.column());
        not_ours()
    })
}
