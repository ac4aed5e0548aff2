//! An entry as people and programs read it.

use crate::{
    db::KeptAudit,
    domain::{
        audit::{AuditActorKind, AuditEvent, AuditOutcome, AuditPhase},
        ids::{AccountId, ApiKeyId, RequestId, UserId},
    },
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ActorView {
    pub kind: AuditActorKind,
    /// Of a key: who issued it. It stays when the person is erased.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub user_id: Option<UserId>,
    /// What the person is called now; null for one who was erased.
    pub name: Option<String>,
    #[schema(value_type = Option<String>, format = Uuid)]
    pub api_key_id: Option<ApiKeyId>,
}

/// One entry. Effects have two: the intent before, and the outcome that names its sequence.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditRecord {
    pub sequence: i64,
    #[schema(value_type = String, format = "date-time")]
    pub at: Timestamp,
    pub actor: ActorView,
    /// The id of the operation, or the name of the security event.
    #[schema(example = "create_account")]
    pub action: String,
    #[schema(value_type = Option<String>)]
    pub account_id: Option<AccountId>,
    pub target: Option<String>,
    pub phase: AuditPhase,
    pub outcome: AuditOutcome,
    /// The HTTP status of the answer.
    pub status: Option<u16>,
    /// The stable code of the error.
    pub code: Option<String>,
    pub detail: Option<String>,
    #[schema(value_type = Option<String>, format = Uuid)]
    pub request_id: Option<RequestId>,
    pub intent_sequence: Option<i64>,
    /// Null where there is none, and where the person was erased.
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
    /// SHA-256 over this entry and the hash of the one before.
    pub hash: String,
}

impl From<KeptAudit> for AuditRecord {
    fn from(kept: KeptAudit) -> Self {
        let KeptAudit { entry, ip, user_agent, subject } = kept;
        let AuditEvent { at, actor, action, account, target, phase, outcome, .. } = entry.event;
        let AuditEvent { status, code, detail, request_id, intent, .. } = entry.event;
        Self {
            sequence: entry.sequence,
            at,
            actor: ActorView {
                kind: actor.kind,
                user_id: actor.user,
                name: subject,
                api_key_id: actor.api_key,
            },
            action: action.to_string(),
            account_id: account,
            target,
            phase,
            outcome,
            status,
            code,
            detail,
            request_id,
            intent_sequence: intent,
            ip_address: ip,
            user_agent,
            hash: hex::encode(entry.hash),
        }
    }
}
