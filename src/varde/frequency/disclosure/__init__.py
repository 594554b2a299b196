"""The measured risk of a release: would somebody who holds a person's genome find out that the person is in it?

How a release is measured (the nation holds counts, the regions hold people):

1. ``bins.assign(ac, an, SCHEMES["sqrt-5"], nobs=, regions=, previous=)`` -> ``Bins(number, low, high)``: ``number`` is
   published (``Scheme.bounds(number, an)`` are the counts it stands for, ``rounded_an(an)`` the allele number).
2. ``populations.drawn_frequencies(ac + held_ac, an + held_an, seed)``: the attacker who knows the population. Needs the
   counts of the held-out people, summed. ``released_frequencies(low, high, an)`` of the previous release, and an
   outside register's frequencies, are further attackers.
3. ``weights.site_weights(bins.low, bins.high, an, frequency)``; ``scores.Meter.of(build, keys, weights, frequency,
   stages)``: what goes to the regions, one for each attacker. ``stages``: which site set (gene) of the list a site is
   in.
   ``linkage.thinned`` makes the weights of an attacker who knows of linkage: measure with it at ``STRETCHES``, too.
4. In each region ``scores.score_region({attacker: meter}, members, held_out, relatives=, seed=)`` -> ``RegionScores``,
   two frames without anybody in them; people are ``scores.Person(keys, dosage, sex_column, intervals)``.
5. ``RegionScores.merged(parts)``; ``power.risk(scores, attacker, stage, seed)`` -> ``Risk`` (power of members and of
   relatives at 5 %, 1 %, 0.1 %, or None: not estimable; the worst-placed member); ``power.decide(powers)`` -> ``Gate``.

Beside it: ``power.predicted_power`` and ``sites_limit`` (formulas, for planning); ``selection.choose``, ``stages_of``
and ``trade_off`` (the most site sets that pass); ``differencing.joint_weights`` (two releases as one release of both)
and ``changed_power``; ``departed.as_departed`` (strangers who stand for those who left); ``weights.with_thresholds``
(what is told of homozygotes and hemizygotes) and ``CallableWeights`` (what rounded allele numbers tell).
"""
