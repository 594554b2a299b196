"""The filters of the workbench as URL parameters."""

from __future__ import annotations

from dataclasses import replace

from django import forms
from django.utils.translation import gettext_lazy as _

from varde.interpretation.filters import FilterSettings, SecondAllele, SpliceWindow
from varde_node.lab.models import Scope

IMPACTS = {
    "high": frozenset({"HIGH"}),
    "moderate": frozenset({"HIGH", "MODERATE"}),
    "low": frozenset({"HIGH", "MODERATE", "LOW"}),
}
DOMINANT = [("0.0", "0"), ("1e-05", "0.001 %"), ("0.0001", "0.01 %"), ("0.001", "0.1 %"), ("0.01", "1 %")]
RECESSIVE = [("0.001", "0.1 %"), ("0.005", "0.5 %"), ("0.01", "1 %"), ("0.05", "5 %")]
AS_CHAIN = "chain"


class FilterForm(forms.Form):
    """What may be changed of a case's chain on the page: ceilings, the caller's filter and the consequence. What is not
    given is as the chain has it."""

    dominant = forms.ChoiceField(label=_("Highest frequency, one allele enough"), choices=DOMINANT)
    recessive = forms.ChoiceField(label=_("Highest frequency, both alleles needed"), choices=RECESSIVE)
    filter = forms.ChoiceField(
        label=_("Caller's filter"), choices=[("pass", _("PASS only")), ("all", _("All records"))]
    )
    impact = forms.ChoiceField(
        label=_("Consequence"),
        choices=[
            ("high", _("High impact and splice region")),
            ("moderate", _("High and moderate impact, splice region")),
            ("low", _("Also low impact")),
        ],
    )
    genes = forms.ChoiceField(
        label=_("Genes"), choices=[(Scope.ALL_GENES, _("All genes")), (Scope.PANEL, _("The panel's genes"))]
    )

    def __init__(self, given: dict[str, str], scope: str, chain: FilterSettings) -> None:
        impact = next((name for name, impacts in IMPACTS.items() if impacts == chain.impacts), AS_CHAIN)
        self._defaults = {
            "dominant": str(chain.dominant_frequency),
            "recessive": str(chain.recessive_frequency),
            "filter": "pass" if chain.require_pass else "all",
            "impact": impact,
            "genes": scope,
        }
        super().__init__({**self._defaults, **given})
        for name in ("dominant", "recessive"):
            value = self._defaults[name]
            if value not in dict(self.fields[name].choices):
                self.fields[name].choices = [(value, f"{100 * float(value):g} %"), *self.fields[name].choices]
        if impact == AS_CHAIN:
            self.fields["impact"].choices = [(AS_CHAIN, _("As the chain has it")), *self.fields["impact"].choices]
        if scope == Scope.PANEL:
            del self.fields["genes"]
        self._scope, self._chain = scope, chain

    @property
    def scope(self) -> str:
        """Which genes are shown: never more than the case is opened for."""
        return self.cleaned_data.get("genes", self._scope)

    def settings(self) -> FilterSettings:
        """The library's settings, for a form that is valid."""
        asked = self.cleaned_data
        return replace(
            self._chain,
            require_pass=asked["filter"] == "pass",
            dominant_frequency=float(asked["dominant"]),
            recessive_frequency=float(asked["recessive"]),
            impacts=IMPACTS.get(asked["impact"], self._chain.impacts),
        )

    @property
    def changed(self) -> dict[str, str]:
        """The parameters that differ from the chain's: what links of the page carry on."""
        return {name: value for name, value in self.cleaned_data.items() if value != self._defaults[name]}


class ChainForm(forms.Form):
    """A filter chain as its author sees it."""

    name = forms.CharField(label=_("Name"), max_length=100)
    description = forms.CharField(
        label=_("What it is for"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    dominant_frequency = forms.FloatField(
        label=_("Highest frequency, one allele enough"),
        min_value=0,
        max_value=1,
        help_text=_("A share: 0.0001 is 0.01 %."),
    )
    recessive_frequency = forms.FloatField(label=_("Highest frequency, both alleles needed"), min_value=0, max_value=1)
    dominant_homozygotes = forms.IntegerField(
        label=_("People with two copies, one allele enough"), min_value=0, max_value=100_000
    )
    recessive_homozygotes = forms.IntegerField(
        label=_("People with two copies, both alleles needed"), min_value=0, max_value=100_000
    )
    minimum_alleles_counted = forms.IntegerField(
        label=_("Alleles counted before a frequency is asked"), min_value=0, max_value=10_000_000
    )
    outside = forms.BooleanField(label=_("Ask the groups of imported sources too"), required=False)
    require_pass = forms.BooleanField(label=_("Only records that pass the caller's filter"), required=False)
    impacts = forms.MultipleChoiceField(
        label=_("Impact of the consequence"),
        choices=[
            ("HIGH", _("high")),
            ("MODERATE", _("moderate")),
            ("LOW", _("low")),
            ("MODIFIER", _("modifier: introns, untranslated regions")),
        ],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    acceptor = forms.IntegerField(
        label=_("Bases of an intron before its acceptor"),
        min_value=0,
        max_value=10_000,
        required=False,
        help_text=_("Empty: introns are not cut."),
    )
    donor = forms.IntegerField(
        label=_("Bases of an intron after its donor"), min_value=0, max_value=10_000, required=False
    )
    drop_tract = forms.BooleanField(
        label=_("Drop exchanges that leave a polypyrimidine tract as it is"), required=False
    )
    second_frequency = forms.FloatField(
        label=_("Highest frequency of the second allele of a pair"),
        min_value=0,
        max_value=1,
        required=False,
        help_text=_("Empty: both alleles meet the same settings. Otherwise the second may be of low impact too."),
    )
    keep_earlier = forms.BooleanField(
        label=_("Never filter what the laboratory gave class 3 to 5 before"), required=False
    )
    keep_clinvar_stars = forms.ChoiceField(
        label=_("Never filter what ClinVar calls pathogenic"),
        choices=[("", _("no exception")), *((str(stars), _("%d stars or more") % stars) for stars in (1, 2, 3, 4))],
        required=False,
    )
    keep_named_genes = forms.BooleanField(label=_("Look at the genes that the clinician named"), required=False)

    @staticmethod
    def initial_of(settings: FilterSettings) -> dict[str, object]:
        """The form's values of a chain's settings."""
        window, second = settings.splice_window, settings.second_allele
        plain = {name: getattr(settings, name) for name in _PLAIN}
        return plain | {
            "impacts": sorted(settings.impacts),
            "acceptor": None if window is None else window.acceptor,
            "donor": None if window is None else window.donor,
            "second_frequency": None if second is None else second.recessive_frequency,
            "keep_clinvar_stars": "" if settings.keep_clinvar_stars is None else str(settings.keep_clinvar_stars),
        }

    def clean(self) -> dict[str, object]:
        """A window has both sides, or none."""
        values = super().clean() or {}
        for one, other in (("acceptor", "donor"), ("donor", "acceptor")):
            if values.get(one) is not None and values.get(other) is None and other not in self.errors:
                self.add_error(other, _("Fill in both sides, or leave both empty."))
        return values

    def settings(self, base: FilterSettings) -> FilterSettings:
        """The settings, for a form that is valid; what the form does not show is as ``base`` has it."""
        values = self.cleaned_data
        second = None
        if values["second_frequency"] is not None:
            second = replace(base.second_allele or SecondAllele(), recessive_frequency=values["second_frequency"])
        stars = values["keep_clinvar_stars"]
        return replace(
            base,
            **{name: values[name] for name in _PLAIN},
            impacts=frozenset(values["impacts"]),
            splice_window=None if values["acceptor"] is None else SpliceWindow(values["acceptor"], values["donor"]),
            second_allele=second,
            keep_clinvar_stars=int(stars) if stars else None,
        )


_PLAIN = (
    "dominant_frequency", "recessive_frequency", "dominant_homozygotes", "recessive_homozygotes",
    "minimum_alleles_counted", "outside", "require_pass", "drop_tract", "keep_earlier", "keep_named_genes",
)  # fmt: skip
