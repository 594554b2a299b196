"""The filters of the workbench as URL parameters."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from varde.interpretation.filters import FilterSettings
from varde_node.lab.models import Scope

IMPACTS = {
    "high": frozenset({"HIGH"}),
    "moderate": frozenset({"HIGH", "MODERATE"}),
    "low": frozenset({"HIGH", "MODERATE", "LOW"}),
}
DEFAULTS = {"dominant": "0.0001", "recessive": "0.005", "filter": "pass", "impact": "moderate"}


class FilterForm(forms.Form):
    """Ceilings, the caller's filter and the consequence. What is not given has its default value."""

    dominant = forms.ChoiceField(
        label=_("Highest frequency, one allele enough"),
        choices=[("0", "0"), ("0.00001", "0.001 %"), ("0.0001", "0.01 %"), ("0.001", "0.1 %"), ("0.01", "1 %")],
    )
    recessive = forms.ChoiceField(
        label=_("Highest frequency, both alleles needed"),
        choices=[("0.001", "0.1 %"), ("0.005", "0.5 %"), ("0.01", "1 %"), ("0.05", "5 %")],
    )
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

    def __init__(self, given: dict[str, str], scope: str) -> None:
        super().__init__({**DEFAULTS, "genes": scope, **given})
        if scope == Scope.PANEL:
            del self.fields["genes"]
        self._scope = scope

    @property
    def scope(self) -> str:
        """Which genes are shown: never more than the case is opened for."""
        return self.cleaned_data.get("genes", self._scope)

    def settings(self, gate: str) -> FilterSettings:
        """The library's settings, for a form that is valid."""
        asked = self.cleaned_data
        return FilterSettings(
            gate=gate,
            require_pass=asked["filter"] == "pass",
            dominant_frequency=float(asked["dominant"]),
            recessive_frequency=float(asked["recessive"]),
            impacts=IMPACTS[asked["impact"]],
        )

    @property
    def changed(self) -> dict[str, str]:
        """The parameters that differ from their defaults: what links of the page carry on."""
        defaults = {**DEFAULTS, "genes": self._scope}
        return {name: value for name, value in self.cleaned_data.items() if value != defaults[name]}
