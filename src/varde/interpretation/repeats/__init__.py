"""Repeat expansions as a caller reports them, held against a table of loci that the laboratory loads."""
