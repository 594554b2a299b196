"""The frequency register: how common an inherited variant is here (strategy C1).

Counts live in files of their own, without a person, a genotype or a link between variants. A contribution is known by
a name without meaning; only the laboratory that gave it knows whose it was, so that it can be withdrawn.
"""
