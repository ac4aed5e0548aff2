-- A sign-in that was sent to the OpenID provider. Belongs to no organisation yet.
CREATE TABLE oidc_login (
    state_hash BINARY(32) NOT NULL,
    browser_hash BINARY(32) NOT NULL,
    nonce VARCHAR(128) NOT NULL,
    pkce_verifier VARCHAR(128) NOT NULL,
    return_path VARCHAR(1024) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (state_hash),
    KEY oidc_login_created (created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
