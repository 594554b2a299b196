"""Sign-in through an OpenID Connect provider: allauth's road, with every check of OpenID Connect Core 1.0 (3.1.3.7)."""
