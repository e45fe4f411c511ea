//! The exclusive, fenced right of one terminal to charge one order.

use serde::{Deserialize, Serialize};

use crate::order::OrderView;
use crate::{ClaimId, Fence, OrderId, Serial};

/// What a claim is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimKind {
    /// To charge right now. Ends by itself after its lease unless an attempt is open or in doubt.
    Now,
    /// "Levar pedidos": taken before leaving the shop; no lease; lets the courier charge without the network.
    Delivery,
}

/// Who holds an order, as every terminal sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimView {
    /// The claim.
    pub id: ClaimId,
    /// The holder.
    pub terminal: Serial,
    /// What for.
    pub kind: ClaimKind,
    /// The fence of this claim.
    pub fence: Fence,
}

/// `POST /terminal/v1/claims`: asks for an order. The same id again is the same request: it renews the lease of a
/// `now` claim and answers the same grant. A new id from the terminal that already holds the order replaces its claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimRequest {
    /// Made by the terminal.
    pub claim_id: ClaimId,
    /// The order wanted.
    pub order_id: OrderId,
    /// What for.
    pub kind: ClaimKind,
}

/// The order is the terminal's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimGrant {
    /// The claim granted.
    pub claim_id: ClaimId,
    /// To be sent with every attempt.
    pub fence: Fence,
    /// How long a `now` claim lasts without renewal, in seconds; `None` for `delivery`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_s: Option<u32>,
    /// The order at the moment of the grant.
    pub order: OrderView,
}

/// `POST /terminal/v1/claims/release`: gives an order back. Releasing what is not held is no error. Refused while an
/// attempt of this claim is open or in doubt at the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimRelease {
    /// The claim to end.
    pub claim_id: ClaimId,
    /// Its order.
    pub order_id: OrderId,
}

/// The claim is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimReleased {
    /// The order after the release; `None` when the service does not know it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderView>,
}
