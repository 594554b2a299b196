"""The clinic: the order with its consent and counselling, its way through the laboratory, and the answer.

The order is made here and followed here; the answer comes for the clinician and, in plain words, for the family
(strategy D2.1 to D2.3, A3 and Box 4).
"""
