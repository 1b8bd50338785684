/**
 * A certificate for `localhost` that nobody trusts, made for these tests, and its key.
 *
 * @module
 */

/** The certificate. */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBlDCCATugAwIBAgIUWQUFYhSbjG7PpdlzwY3AMRwds2UwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjEwNDkzNloYDzIxMjYxMDI5
MTA0OTM2WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARx6quYu309L6Kw1FeyggAUbsJXtIshv9j0983nHWeN9v3VWk4aE1/I
wyj5XoSItdgfWRJaxD97VRAyRl4J4+QIo2kwZzAdBgNVHQ4EFgQUydtQS7snN3ZC
f0pAhVHbyxjGTeQwHwYDVR0jBBgwFoAUydtQS7snN3ZCf0pAhVHbyxjGTeQwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
RwAwRAIgLFYXZfOEhxCnbLEavw7rwhg83pzncppiWZYY3Kf58PcCIEHWSdHfFdXt
8dljzXCfbQqytBFrmuFpIuysRVNY8QrP
-----END CERTIFICATE-----`;

/** Its key, which protects nothing. */
export const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgDHQv9L7x8JhegOS0
qv5UWgYND3QKXamUZeASVKIlPw2hRANCAARx6quYu309L6Kw1FeyggAUbsJXtIsh
v9j0983nHWeN9v3VWk4aE1/Iwyj5XoSItdgfWRJaxD97VRAyRl4J4+QI
-----END PRIVATE KEY-----`;
