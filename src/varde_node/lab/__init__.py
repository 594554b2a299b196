"""The laboratory: samples, files, quality, interpretation by one and approval by another.

A case comes from an order and ends with two signatures (strategy B2, B3 and Box 4). The science is done by ``varde``;
here it is orchestrated, stored, shown and guarded.
"""
