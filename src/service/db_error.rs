//! What a caller is told of the database's errors: what they can act upon, and nothing of the inside.

use crate::{
    db::DbError,
    error::{Error, ErrorCode},
    seal::SealError,
};

/// A key that is disabled, denied or out of reach is not the caller's fault, and may come back.
impl From<SealError> for Error {
    fn from(error: SealError) -> Self {
        if error.is_temporary() || error.is_about_a_key() {
            Self::unavailable(error)
        } else {
            Self::internal(error)
        }
    }
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        match error {
            DbError::NotFound(_) => Self::not_found(),
            DbError::Conflict(what) => Self::new(ErrorCode::Conflict, format!("this {what} exists already")),
            DbError::LastAdministrator => Self::new(
                ErrorCode::LastAdministrator,
                "make somebody else ORGANIZATION_ADMIN first, and see that they can sign in",
            ),
            DbError::LeaseLost(_) => Self::new(ErrorCode::Conflict, "another scan of the account took over"),
            DbError::Busy { .. } | DbError::Unreachable { .. } => Self::unavailable(error),
            DbError::Sealed(error) => error.into(),
            _ => Self::internal(error),
        }
    }
}
