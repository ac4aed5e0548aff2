-- A sign-in that was sent to the OpenID provider. Belongs to no organisation yet.
CREATE TABLE oidc_login (
    state_hash BLOB NOT NULL CHECK (length(state_hash) = 32),
    browser_hash BLOB NOT NULL CHECK (length(browser_hash) = 32),
    nonce TEXT NOT NULL CHECK (length(nonce) <= 128),
    pkce_verifier TEXT NOT NULL CHECK (length(pkce_verifier) <= 128),
    return_path TEXT NOT NULL CHECK (length(return_path) <= 1024),
    created_at TEXT NOT NULL,
    PRIMARY KEY (state_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX oidc_login_created ON oidc_login (created_at);
