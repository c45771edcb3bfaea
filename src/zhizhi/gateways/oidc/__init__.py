"""OpenID Connect: an identity provider of the lender's says who somebody is."""
