"""Login by the hospital's identity provider: OpenID Connect Core 1.0, authorization code flow with PKCE.

provider = Provider(section, secret, clock)                   # discovery, keys, code for token: HTTP
login = OidcLogin(section, provider, clock)
address, state = await login.begin("10.0.0.7", redirect)      # the browser goes to `address`
identity, _ = await login.finish(query, cookie, redirect)     # it came back: who is it?
"""
