"""Structural variants and copy numbers of a family: read, matched between relatives, placed on genes, scored.

A layer of its own beside the small variants: a person without structural data is not applicable here, and nothing of
this layer changes what is said of the small variants.
"""
