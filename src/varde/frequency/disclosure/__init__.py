"""The measured risk of a release: would somebody who holds a person's genome find out that the person is in it?

Public names, by module:

- ``bins``: ``SCHEMES`` (by name: exact, sqrt-2, sqrt-5, clinical), ``assign(ac, an, scheme, nobs=, regions=,
  previous=) -> Bins(number, low, high)``, ``Scheme.bounds(number, an)`` (what is published), ``rounded_an``.
- ``weights``: ``site_weights(low, high, an, frequency) -> SiteWeights``.
"""
