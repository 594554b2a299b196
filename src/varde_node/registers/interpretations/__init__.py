"""The register of earlier interpretations: what laboratories concluded of a variant before.

A register of its own with a legal basis of its own (see ``legal.py``): it shares no table and no file with the
frequency register, and no row names a person or a case.
"""
