"""Counts of alleles: immutable runs per person, their sums with allele numbers everywhere, and the look-up."""
