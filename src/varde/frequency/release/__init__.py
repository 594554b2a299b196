"""Releases: what the register publishes, signed, with the measured risk of it.

How one is made:

1. ``sources.Sources.of_nation(folder)`` or ``.of_regions(folders)``: everybody's counts, region by region.
2. ``prepare.Order(name, sets, parameters, previous, interpretations, correction, wanted)``; ``sets`` from
   ``site_sets.read_site_sets(bed, build)``, put in order by ``prepare.interpreted_first``. ``prepare.prepare(sources,
   order)`` gives every site its bin.
3. ``measure.measure(prepared, region_folders, progress=)`` scores the people where they are (``regional``) and finds
   how many site sets pass; ``measure.measure_with`` where regions are elsewhere; ``report.write_trial`` draws it.
4. ``build.gate_of(prepared, measured, register_key, acceptance)`` is the decision; ``build.build_release(out, prepared,
   measured, private_key, acceptance)`` writes the folder of ``layout``, signed. ``gate.Acceptance.signed(role, reason,
   measured.digest, other_private_key)`` accepts a risk between the limits.
5. ``verify.verify_release(folder, public_key)``.

How one is read: ``read.Release(folder)``: ``lookup(variant) -> answers.PublicAnswer``, ``find(keys)``, ``sites(contig,
start, end)``, ``coverage_of``, ``told_of``, ``interpretations``, ``manifest``. ``report.opening``, ``paragraphs``,
``rows`` and ``figures`` tell of the manifest in keyed messages and pictures. ``gdi.export_release`` writes the layout
of the European mini node.
"""
