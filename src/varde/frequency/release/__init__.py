"""Releases: what the register publishes, signed, with the measured risk of it.

Public names: ``read.Release`` (``lookup``, ``find``, ``sites``, ``coverage_of``, ``told_of``), ``answers.PublicAnswer``
and ``PublicState``, ``parameters.Parameters``, ``site_sets.read_site_sets``.
"""
