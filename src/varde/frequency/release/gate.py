"""The gate: whether a measured release may be public, and what it may be called."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

from varde.frequency.disclosure import power
from varde.frequency.disclosure.power import ALLOWED_FACTOR, FALSE_POSITIVE_RATES, NEVER_ABOVE, Power
from varde.frequency.release.measured import rounded_up
from varde.frequency.release.words import TEXTS
from varde.frequency.signing import PrivateKey, PublicKey
from varde.genome.errors import InputError
from varde.genome.message import Message, message_of

PASSES_UP_TO = ALLOWED_FACTOR * FALSE_POSITIVE_RATES[0]
"""Upper bound of the power at 5 % below which a release may carry the label."""


class Verdict(StrEnum):
    """What the gate says. Only ``PASSED`` carries the label; ``REFUSED`` has no public part at all."""

    PASSED = "passed"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True)
class Acceptance:
    """Somebody answerable accepts a risk between the two limits, for what was measured and for nothing else.

    ``role`` is a role, not a person's name. ``signature`` (hexadecimal) is over ``statement`` by a key that is not the
    register's own: ``key`` in PEM.
    """

    role: str
    reason: str
    measured_sha256: str
    key: str
    signature: str

    @classmethod
    def signed(cls, role: str, reason: str, measured_sha256: str, key: PrivateKey) -> Acceptance:
        """Accept what was measured. Raises InputError ``no_reason`` when role or reason is empty."""
        if not role.strip() or not reason.strip():
            raise InputError(
                "no_reason",
                "An acceptance needs the role of who accepts, and the reason.",
                "Give both.",
                field="--accept-reason" if role.strip() else "--accept-role",
            )
        pem = key.public.pem.decode()
        statement = cls(role.strip(), reason.strip(), measured_sha256, pem, "").statement
        return cls(role.strip(), reason.strip(), measured_sha256, pem, key.sign(statement).hex())

    @property
    def statement(self) -> bytes:
        """What is signed: role, reason and the digest of what was measured, as sorted JSON."""
        told = {name: value for name, value in asdict(self).items() if name in ("role", "reason", "measured_sha256")}
        return json.dumps(told, sort_keys=True, ensure_ascii=False).encode()

    def check(self, measured_sha256: str, register: PublicKey) -> None:
        """Raise InputError ``other_measure``, ``own_acceptance``, ``wrong_signature`` when it does not hold."""
        if self.measured_sha256 != measured_sha256:
            raise InputError(
                "other_measure",
                "What was accepted is not what was measured now.",
                "Measure, show the report, and have it accepted again.",
                field="acceptance",
            )
        key = PublicKey.of_pem(self.key.encode())
        if key.identifier == register.identifier:
            raise InputError(
                "own_acceptance",
                "The register's own key cannot accept the risk of its release.",
                "Have somebody else accept it, with a key of their own.",
                field="acceptance",
            )
        key.verify(self.statement, bytes.fromhex(self.signature), "acceptance")


@dataclass(frozen=True)
class Gate:
    """A decision. ``upper`` is the greatest upper 95 % bound of the power at 5 % that counts; None: not estimable."""

    verdict: Verdict
    upper: float | None
    sentence: Message
    acceptance: Acceptance | None = None

    @property
    def public(self) -> bool:
        """Whether there is a public part."""
        return self.verdict is not Verdict.REFUSED

    def as_json(self) -> dict[str, object]:
        return {
            "verdict": str(self.verdict),
            "public": self.public,
            "upper_bound_of_power_at_5_percent": None if self.upper is None else rounded_up(self.upper),
            "sentence": str(self.sentence),
            "sentence_key": self.sentence.key,
            "sentence_parameters": dict(self.sentence.parameters),
            "accepted_by": asdict(self.acceptance) if self.acceptance else None,
        }


def decide(worst: Power, acceptance: Acceptance | None = None) -> Gate:
    """The decision for the power at 5 % of the worst attack. A signed acceptance counts between the limits only."""
    upper = worst.high
    if upper is None:
        return Gate(Verdict.REFUSED, None, message_of(TEXTS, "gate_not_estimable"))
    told, passes, limit = (f"{100 * rounded_up(value):g}" for value in (upper, PASSES_UP_TO, NEVER_ABOVE))
    found = power.decide([worst])
    if found is power.Gate.ANONYMOUS:
        return Gate(Verdict.PASSED, upper, message_of(TEXTS, "gate_passed", upper=told))
    if found is power.Gate.REFUSED:
        return Gate(Verdict.REFUSED, upper, message_of(TEXTS, "gate_too_high", upper=told, limit=limit))
    if acceptance is None:
        sentence = message_of(TEXTS, "gate_needs_acceptance", upper=told, passes=passes, accepted=limit)
        return Gate(Verdict.REFUSED, upper, sentence)
    who = {"role": acceptance.role, "reason": acceptance.reason}
    return Gate(
        Verdict.ACCEPTED, upper, message_of(TEXTS, "gate_accepted", upper=told, limit=passes, **who), acceptance
    )
