//! Sign-ins on their way to the OpenID provider: they end once, in their browser, in time.

use super::sample::later;
use crate::support::database::{TestDatabase, noon, on_both_engines};
use tuner::db::{LoginProof, PendingLogin};

on_both_engines! {
    a_login_ends_once_and_in_its_browser,
    of_two_that_end_it_at_once_one_wins,
    an_old_login_is_over_and_forgotten,
}

const PROOF: LoginProof<'static> = LoginProof { state: "state", browser: "browser" };

fn login() -> PendingLogin {
    let return_path = "/a?b=c#d".parse().unwrap();
    PendingLogin { nonce: "n".repeat(64), pkce_verifier: "v".repeat(128), return_path }
}

async fn a_login_ends_once_and_in_its_browser(db: &TestDatabase) {
    db.create_oidc_login(PROOF, &login(), noon()).await.unwrap();
    let strangers = [
        LoginProof { browser: "another", ..PROOF },
        LoginProof { state: "another", ..PROOF },
        LoginProof { state: "browser", browser: "state" },
    ];
    for wrong in strangers {
        assert_eq!(db.consume_oidc_login(wrong, noon()).await.unwrap(), None);
    }
    assert_eq!(db.consume_oidc_login(PROOF, noon()).await.unwrap(), Some(login()));
    assert_eq!(db.consume_oidc_login(PROOF, noon()).await.unwrap(), None);
}

async fn of_two_that_end_it_at_once_one_wins(db: &TestDatabase) {
    let other = db.another().await;
    for round in 0..10 {
        let state = format!("state {round}");
        let proof = LoginProof { state: &state, browser: "browser" };
        db.create_oidc_login(proof, &login(), noon()).await.unwrap();
        let (a, b) =
            tokio::join!(db.consume_oidc_login(proof, noon()), other.consume_oidc_login(proof, noon()));
        let won = [a.unwrap(), b.unwrap()].iter().flatten().count();
        assert_eq!(won, 1, "round {round}");
    }
}

async fn an_old_login_is_over_and_forgotten(db: &TestDatabase) {
    db.create_oidc_login(PROOF, &login(), noon()).await.unwrap();
    assert_eq!(db.consume_oidc_login(PROOF, later(1)).await.unwrap(), None, "begun before that");
    assert_eq!(db.delete_oidc_logins(noon()).await.unwrap(), 0);
    assert_eq!(db.delete_oidc_logins(later(1)).await.unwrap(), 1);
    assert_eq!(db.consume_oidc_login(PROOF, noon()).await.unwrap(), None);
}
