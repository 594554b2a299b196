"""Quality of a family's data from the VCFs alone: sex, kinship, Mendel errors and ratios, each with its light."""
