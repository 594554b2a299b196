"""Beacon v2 for variant frequencies: requests are read, put to the register, and answered in Beacon's JSON.

The source is ga4gh-beacon/beacon-v2 (framework and default model, version 2.1). The same code serves a public release
(bins) and exact counts: ``holdings`` says what is held, and only what it holds can be found. A public release has no
rows for the lowest bin, so ``exists`` is false alike for an allele that nobody carries, one that too few carry, and
one outside of what the release tells of.
"""
