"""From a family's alleles to ranked, classified candidates: genotype gates, inheritance, panels, filters, criteria."""
